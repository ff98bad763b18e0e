//! AWS's own Rust clients, unchanged, over TLS.

mod caching;
mod errors;
mod lists;
mod secrets;
mod versions;
