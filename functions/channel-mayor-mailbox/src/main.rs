//! Entry point of `channel-mayor-mailbox`: wiring only, the work is in `lib.rs`.

use std::sync::Arc;

use courier::{Mailer, Reach};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let mailer = Arc::new(Mailer::new(Reach::Public));
    lambda::run_with(channel_mayor_mailbox::function, mailer).await
}
