//! Entry point of `channel-state-council`: wiring only, the work is in `lib.rs`.

use std::sync::Arc;

use courier::{Courier, Reach};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let courier = Arc::new(Courier::new(Reach::Public));
    lambda::run_with(channel_state_council::function, courier).await
}
