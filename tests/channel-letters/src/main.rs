//! Entry point of `channel-letters`: wiring only, the work is in `lib.rs`.

use std::sync::Arc;

use courier::{Courier, Reach};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let courier = Arc::new(Courier::new(Reach::Public));
    lambda::run_with(channel_letters::function, courier).await
}
