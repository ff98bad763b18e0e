//! One file for each operation.

mod create_secret;
