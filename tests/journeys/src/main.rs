//! `lianxin` as the journeys run it: a process of its own that can be killed.

fn main() -> std::process::ExitCode {
    lianxin_local::main()
}
