//! Buckets: where the operator lets services leave objects.

use super::PortFuture;
use base::{AccountId, CommonError};
use bytes::Bytes;

/// The buckets that the operator named.
///
/// SECURITY: knows no others, and each for the accounts only that the operator opened it to: else a caller
/// of the API could have the server write, or connect, to where it likes.
pub trait Buckets: Send + Sync {
    /// Whether there is such a bucket, for this account.
    fn is_open_to(&self, bucket: &str, account: &AccountId) -> bool;

    /// Puts an object into a bucket, over one with the same key, all of it or nothing, so that it survives
    /// a loss of power.
    ///
    /// # Errors
    /// [`NotPut`].
    fn put<'a>(&'a self, object: BucketObject<'a>) -> PortFuture<'a, (), NotPut>;
}

/// An object on its way into a bucket.
#[derive(Clone, Copy, Debug)]
pub struct BucketObject<'a> {
    /// The bucket.
    pub bucket: &'a str,
    /// Whose object it is.
    pub account: &'a AccountId,
    /// Parts of letters, digits and `!-_.*'()`, with a `/` between two.
    pub key: &'a str,
    /// What it holds.
    pub body: &'a Bytes,
    /// Such as `application/json`.
    pub content_type: &'static str,
    /// Such as `gzip`.
    pub content_encoding: &'static str,
    /// Names in lower case, and values, as `x-amz-meta-…` has them.
    pub metadata: &'a [(&'static str, String)],
}

/// Why an object is not in its bucket.
#[derive(Debug, thiserror::Error)]
pub enum NotPut {
    /// The bucket does not take it, or not from this account. The code, as S3 has it.
    #[error("the bucket refused the object: {0}")]
    Refused(String),
    /// It could not be written or reached. The text is for the operator.
    #[error("the bucket cannot be reached: {0}")]
    Unreachable(String),
    /// Something of ours failed.
    #[error(transparent)]
    Common(#[from] CommonError),
}
