//! One request's life.

use simulation::{Settings, run};

#[test]
fn a_request_comes_home_without_faults() {
    let outcome = run(&Settings { story: true, ..Settings::quiet(1) });
    assert_eq!(outcome.violations, [], "{:#?}", outcome.story);
    assert_eq!(outcome.tickets, 1);
}
