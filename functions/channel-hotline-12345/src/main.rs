//! Entry point of `channel-hotline-12345`: wiring only, the work is in `lib.rs`.

use std::sync::Arc;

use courier::{Courier, Reach};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let courier = Arc::new(Courier::new(Reach::Public));
    lambda::run_with(channel_hotline_12345::function, courier).await
}
