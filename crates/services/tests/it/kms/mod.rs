//! One file for each operation, and what several operations share.

mod create_key;
mod describe_key;
mod encrypt;
mod kit;
