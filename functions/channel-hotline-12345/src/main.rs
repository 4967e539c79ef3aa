//! Entry point of `channel-hotline-12345`: wiring only, the work is in `lib.rs`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::run(channel_hotline_12345::function).await
}
