use base::{CommonError, SealError};
use std::error::Error as StdError;

/// Why the store refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another transaction changed what this one read, or a key to insert is taken. Nothing was
    /// written; the operation may run again.
    #[error("another transaction came between")]
    Conflict,
    /// A counter would rise above its limit. Nothing was written.
    #[error("the counter `{counter}` is at its limit")]
    LimitReached {
        /// The counter's name.
        counter: String,
    },
    /// A stored row is not what the store wrote: changed, moved, or older than it claims.
    #[error("a stored row of `{kind}` is not authentic")]
    Corrupt {
        /// The table.
        kind: &'static str,
    },
    /// There is no room left. Nothing was written; a later commit works when room is back.
    #[error("the storage is full")]
    Full,
    /// The engine failed before anything was committed.
    #[error("the storage is unavailable")]
    Unavailable(#[source] Cause),
    /// The engine failed while committing: the transaction may or may not be stored.
    #[error("the storage failed during a commit, whose outcome is unknown")]
    Unknown(#[source] Cause),
    /// The store failed for good, earlier. The process must end and start again.
    #[error("the storage failed earlier and takes no more calls")]
    Failed,
    /// The store is closed.
    #[error("the storage is closed")]
    Closed,
    /// A record could not be encoded or decoded.
    #[error("a record of `{kind}` could not be encoded or decoded")]
    Codec {
        /// The table.
        kind: &'static str,
        /// Why.
        #[source]
        source: CodecError,
    },
    /// A body could not be sealed.
    #[error("a body of `{kind}` could not be sealed")]
    Seal {
        /// The table.
        kind: &'static str,
        /// Why.
        #[source]
        source: SealError,
    },
    /// The caller broke a rule of the store: a mistake in the program, not in the data.
    #[error("wrong use of `{kind}`: {problem}")]
    Misuse {
        /// The table.
        kind: &'static str,
        /// The rule.
        problem: &'static str,
    },
    /// The database is not one that this program can use.
    #[error("the database cannot be used: {0}")]
    Schema(String),
}

/// What an engine said about its failure. For the operator.
pub type Cause = Box<dyn StdError + Send + Sync>;

impl StoreError {
    /// Whether the transaction is certainly not stored, so that running it again is safe.
    ///
    /// No `_` arm: a new variant must choose.
    pub fn surely_not_committed(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::Conflict
            | Self::LimitReached { .. }
            | Self::Corrupt { .. }
            | Self::Full
            | Self::Unavailable(_)
            | Self::Failed
            | Self::Closed
            | Self::Codec { .. }
            | Self::Seal { .. }
            | Self::Misuse { .. }
            | Self::Schema(_) => true,
        }
    }
}

impl From<StoreError> for CommonError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            away @ StoreError::Unavailable(_) => Self::Unavailable(away.into()),
            other => Self::internal(other),
        }
    }
}

/// Why a record has no encoded form, or bytes are no record. Says nothing of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The record cannot be written down.
    #[error("the record has no encoded form")]
    NotEncodable,
    /// The bytes are not the encoded form of a record.
    #[error("the bytes are not a record")]
    NotDecodable,
    /// The body is of a version that this program does not know.
    #[error("version {0} of the record is not known")]
    UnknownVersion(u16),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_unknown_outcome_may_be_stored() {
        let cause = || Cause::from("disk on fire");

        assert!(!StoreError::Unknown(cause()).surely_not_committed());
        assert!(StoreError::Unavailable(cause()).surely_not_committed());
        assert!(StoreError::Conflict.surely_not_committed());
        assert!(StoreError::Full.surely_not_committed());
    }

    #[test]
    fn only_a_conflict_is_worth_another_run() {
        let conflict = CommonError::from(StoreError::Conflict);
        let full = CommonError::from(StoreError::Full);

        assert!(matches!(conflict, CommonError::Conflict));
        assert!(matches!(full, CommonError::Internal(_)));
        let away = CommonError::from(StoreError::Unavailable(Cause::from("no primary")));
        let unknown = CommonError::from(StoreError::Unknown(Cause::from("no answer")));
        assert!(matches!(away, CommonError::Unavailable(_)));
        assert!(matches!(unknown, CommonError::Internal(_)));
        assert_eq!(
            full.to_string(),
            "An internal error occurred. Try again later."
        );
    }
}
