//! Entry point of `channel-leader-board`: wiring only, the work is in `lib.rs`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::run(channel_leader_board::function).await
}
