//! AWS's own Rust clients, unchanged, over TLS.

mod caching;
mod errors;
mod identity;
mod lists;
mod secrets;
mod versions;
