//! The built binary, driven from outside: as an operator starts and stops it, and as clients that
//! are slow, greedy or many.

mod admin;
mod first_start;
mod limits;
mod refusals;
mod server;
mod stopping;
mod tls;
