use base::AccountId;
use bytes::Bytes;
use parking_lot::Mutex;
use services::ports::{BucketObject, Buckets, NotPut, PortFuture};
use std::collections::BTreeMap;

/// Buckets in memory, which can be made to refuse.
#[derive(Debug, Default)]
pub struct KeptBuckets {
    objects: Mutex<BTreeMap<String, KeptObject>>,
    refuses: Mutex<Option<String>>,
    closed: Mutex<Option<String>>,
}

/// An object in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptObject {
    /// Whose.
    pub account: String,
    /// What it holds.
    pub body: Bytes,
    /// Its metadata.
    pub metadata: Vec<(&'static str, String)>,
}

impl KeptBuckets {
    /// The bucket that is open to every account.
    pub const OPEN: &'static str = "audit-archive";

    /// Another one.
    pub const OPEN_TOO: &'static str = "second-archive";

    /// The objects by `bucket/key`.
    pub fn objects(&self) -> BTreeMap<String, KeptObject> {
        self.objects.lock().clone()
    }

    /// From now on refuses objects with this code, or takes them again.
    pub fn refuse(&self, code: Option<&str>) {
        *self.refuses.lock() = code.map(str::to_owned);
    }

    /// From now on one bucket is there for nobody; or none is gone.
    pub fn close(&self, bucket: Option<&str>) {
        *self.closed.lock() = bucket.map(str::to_owned);
    }
}

impl Buckets for KeptBuckets {
    fn is_open_to(&self, bucket: &str, _: &AccountId) -> bool {
        [Self::OPEN, Self::OPEN_TOO].contains(&bucket)
    }

    fn put<'a>(&'a self, object: BucketObject<'a>) -> PortFuture<'a, (), NotPut> {
        Box::pin(async move {
            if let Some(code) = self.refuses.lock().clone() {
                return Err(NotPut::Refused(code));
            }
            if self.closed.lock().as_deref() == Some(object.bucket) {
                return Err(NotPut::Refused(String::from("NoSuchBucket")));
            }
            let kept = KeptObject {
                account: object.account.to_string(),
                body: object.body.clone(),
                metadata: object.metadata.to_vec(),
            };
            let name = format!("{}/{}", object.bucket, object.key);
            self.objects.lock().insert(name, kept);
            Ok(())
        })
    }
}
