//! Entry point of `lianxin`: wiring only, the work is in `lib.rs`.

fn main() -> std::process::ExitCode {
    lianxin_local::main()
}
