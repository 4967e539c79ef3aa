//! Entry point of `channel-street-whistle`: wiring only, the work is in `lib.rs`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::run(channel_street_whistle::function).await
}
