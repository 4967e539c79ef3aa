//! Entry point of `schedule-deadlines`: wiring only, the work is in `lib.rs`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::run(schedule_deadlines::function).await
}
