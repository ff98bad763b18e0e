use crate::Timestamp;

/// Where the present moment comes from.
///
/// The server passes the system clock; tests pass one that they move themselves.
pub trait Clock: Send + Sync {
    /// The present moment, to the millisecond.
    fn now(&self) -> Timestamp;
}
