//! The buckets that trails deliver to: directories, and buckets of S3-compatible stores.
//!
//! Rules kept here:
//! - SECURITY: only those of the configuration, each for its accounts only; a key never leads out of its
//!   directory;
//! - an object in a directory is there whole or not at all, and survives a loss of power;
//! - what a store would keep as metadata stands in a directory beside the object, in `….metadata.json`.

use crate::config::{BucketPlace, S3, TrailBucket};
use crate::error::chain;
use crate::files::{self, FileError};
use crate::s3::{Bucket, ObjectKind, S3Error};
use base::{AccountId, Clock, CommonError};
use services::ports::{BucketObject, Buckets, NotPut, PortFuture};
use std::collections::{BTreeMap, HashMap};
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The buckets of the configuration.
pub(crate) struct OperatorBuckets(HashMap<String, Open>);

/// A bucket, and whose it is.
struct Open {
    place: Place,
    accounts: Vec<AccountId>,
}

enum Place {
    Directory(PathBuf),
    S3(Box<Bucket>),
}

impl OperatorBuckets {
    /// Makes the directories that are not there.
    ///
    /// # Errors
    /// For a directory that cannot be made, or that others may write to.
    pub(crate) fn open(buckets: &[TrailBucket], clock: &Arc<dyn Clock>) -> Result<Self, FileError> {
        let mut open = HashMap::new();
        for bucket in buckets {
            let place = match &bucket.place {
                BucketPlace::Directory(path) => {
                    files::private_dir(path)?;
                    Place::Directory(path.clone())
                }
                BucketPlace::S3(at) => {
                    Place::S3(Box::new(Bucket::new(S3::clone(at), Arc::clone(clock))))
                }
            };
            let accounts = bucket.accounts.clone();
            open.insert(bucket.name.clone(), Open { place, accounts });
        }
        Ok(Self(open))
    }

    fn find(&self, bucket: &str, account: &AccountId) -> Option<&Place> {
        let open = self.0.get(bucket)?;
        open.accounts.contains(account).then_some(&open.place)
    }
}

impl Buckets for OperatorBuckets {
    fn is_open_to(&self, bucket: &str, account: &AccountId) -> bool {
        self.find(bucket, account).is_some()
    }

    fn put<'a>(&'a self, object: BucketObject<'a>) -> PortFuture<'a, (), NotPut> {
        Box::pin(async move {
            let place = self.find(object.bucket, object.account);
            match place.ok_or_else(|| NotPut::Refused(String::from("NoSuchBucket")))? {
                Place::Directory(root) => put_file(root.clone(), &object).await,
                Place::S3(bucket) => put_object(bucket, &object).await,
            }
        })
    }
}

async fn put_object(bucket: &Bucket, object: &BucketObject<'_>) -> Result<(), NotPut> {
    let kind = ObjectKind {
        content_type: object.content_type,
        encoding: Some(object.content_encoding),
    };
    let body = object.body.clone();
    let put = bucket.put_with(object.key, body, kind, object.metadata);
    put.await.map_err(|error| match error {
        S3Error::Refused { code, .. } if !code.is_empty() => NotPut::Refused(code),
        other => NotPut::Unreachable(chain(&other).trim_end().to_owned()),
    })
}

async fn put_file(root: PathBuf, object: &BucketObject<'_>) -> Result<(), NotPut> {
    let parts = parts(object.key).ok_or_else(|| NotPut::Refused(String::from("InvalidURI")))?;
    let parts: Vec<String> = parts.into_iter().map(str::to_owned).collect();
    let body = object.body.clone();
    let metadata: BTreeMap<&'static str, String> = object.metadata.iter().cloned().collect();
    let write = move || write_file(root, &parts, &body, &metadata);
    let written = tokio::task::spawn_blocking(write).await;
    let written = written.map_err(CommonError::internal)?;
    written.map_err(|error| NotPut::Unreachable(chain(&error).trim_end().to_owned()))
}

fn write_file(
    mut path: PathBuf,
    parts: &[String],
    body: &[u8],
    metadata: &BTreeMap<&'static str, String>,
) -> Result<(), FileError> {
    let Some((name, folders)) = parts.split_last() else {
        return Ok(());
    };
    for folder in folders {
        path.push(folder);
        make_folder(&path)?;
    }
    if !metadata.is_empty() {
        let text = serde_json::to_vec(metadata).unwrap_or_default();
        files::write(&path.join(format!("{name}.metadata.json")), 0o600, &text)?;
    }
    files::write(&path.join(name), 0o600, body)
}

fn make_folder(path: &Path) -> Result<(), FileError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => files::sync_parent(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(FileError::io("create the directory", path)(error)),
    }
}

/// The parts of a key, each the name of a file. `None`: it is none that stays where it is.
fn parts(key: &str) -> Option<Vec<&str>> {
    let is_name = |part: &str| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "!-_.*'()".contains(c);
        !matches!(part, "" | "." | "..") && part.len() < 256 && part.chars().all(is_allowed)
    };
    let parts: Vec<&str> = key.split('/').collect();
    parts.iter().all(|part| is_name(part)).then_some(parts)
}

#[cfg(test)]
mod tests;
