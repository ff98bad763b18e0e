//! The launcher as a program of its own, for the tests of this crate.

fn main() -> std::process::ExitCode {
    strongroom_runner::launch()
}
