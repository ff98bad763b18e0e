//! Records, transactions and engines.
//!
//! A service declares a [`Kind`] once and reads and writes [`Record`]s of it in a [`Tx`]; it never
//! writes SQL. Rules kept here:
//!
//! - **Transactions are optimistic and serializable.** What a transaction reads is remembered,
//!   what it writes is kept back; [`Tx::commit`] validates the first and applies the second in one
//!   step, or answers [`StoreError::Conflict`] having written nothing. A transaction that only
//!   reads is not validated: each of its reads is current when made.
//! - **Acknowledged means on disk.** When `commit` returns, the change survives a crash. An error
//!   says whether the change is surely not stored ([`StoreError::surely_not_committed`]).
//! - **The engine is untrusted.** Bodies are sealed to their row and revision; keys and columns
//!   are checked against the opened record. A row that fails is [`StoreError::Corrupt`] to `get`,
//!   and left out, reported and counted by `query`, so that one bad row does not take a list down.
//! - **The cache is coherent.** A hit is never older than what any completed call has seen, whatever
//!   node of the database that was called on, if it was before the transaction began.
//!
//! No clock, no environment, no cryptography of its own. It starts one thread: SQLite's writer, or
//! that of PostgreSQL's connections.

mod body;
mod cache;
mod database;
mod engine;
mod error;
mod kind;
mod lease;
mod news;
mod place;
mod query;
mod record;
mod reseal;
mod store;
mod tx;
mod value;

pub use database::Database;
#[cfg(feature = "postgres")]
pub use engine::postgres::PostgresOptions;
pub use engine::sqlite::SqliteOptions;
pub use error::{Cause, CodecError, StoreError};
pub use kind::{Column, ColumnType, Index, Kind};
pub use lease::{LEASES, Lease};
pub use news::{Changed, Changes};
pub use query::Query;
pub use record::{Record, Rev, Versioned, decode_body, encode_body};
pub use reseal::Resealed;
pub use store::{OutboxEntry, Stats, Store, StoreOptions};
pub use tx::Tx;
pub use value::{Key, Value};
