//! Entry point of `schedule-fund-report`: wiring only, the work is in `lib.rs`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::run_with_topic(schedule_fund_report::function).await
}
