//! Simulates for as long as it is told.
fn main() {}
