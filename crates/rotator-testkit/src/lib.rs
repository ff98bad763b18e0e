//! What the tests of rotations share: Secrets Manager in memory, real database servers in a
//! temporary folder, and the cases that every driver has to pass.
//!
//! Tests only: it panics where a test should fail.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test helper fails by panicking, and is told things by its environment"
)]

mod authority;
pub mod cases;
mod flood;
mod lines;
mod secrets;
mod server;

pub use authority::Authority;
pub use flood::Flood;
pub use lines::Lines;
pub use secrets::MemorySecrets;
pub use server::{Server, Unprivileged, free_port, is_needed, program};
