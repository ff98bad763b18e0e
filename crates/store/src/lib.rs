//! Records, transactions and engines.
