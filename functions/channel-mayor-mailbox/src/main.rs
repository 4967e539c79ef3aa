//! Entry point of `channel-mayor-mailbox`: wiring only, the work is in `lib.rs`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::run(channel_mayor_mailbox::function).await
}
