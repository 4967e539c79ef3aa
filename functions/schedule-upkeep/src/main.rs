//! Entry point of `schedule-upkeep`: wiring only, the work is in `lib.rs`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::run(schedule_upkeep::function).await
}
