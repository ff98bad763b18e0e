use super::*;
use crate::outside::SystemClock;
use bytes::Bytes;
use std::fs;

struct Rig {
    dir: tempfile::TempDir,
    buckets: OperatorBuckets,
    account: AccountId,
}

impl Rig {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let account = AccountId::parse("111122223333").unwrap();
        let bucket = TrailBucket {
            name: String::from("audit-archive"),
            place: BucketPlace::Directory(dir.path().join("archive")),
            accounts: vec![account.clone()],
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let buckets = OperatorBuckets::open(&[bucket], &clock).unwrap();
        Self {
            dir,
            buckets,
            account,
        }
    }

    async fn put(&self, bucket: &str, account: &str, key: &str) -> Result<(), NotPut> {
        let account = AccountId::parse(account).unwrap();
        let object = BucketObject {
            bucket,
            account: &account,
            key,
            body: &Bytes::from_static(b"body"),
            content_type: "application/json",
            content_encoding: "gzip",
            metadata: &[("signature", String::from("abc"))],
        };
        self.buckets.put(object).await
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.dir.path().join("archive").join(path)).unwrap()
    }

    /// Every path in the directory, and in that of which it is.
    fn everything(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.dir.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path);
                }
            }
        }
        found
    }
}

fn code(outcome: Result<(), NotPut>) -> String {
    match outcome {
        Err(NotPut::Refused(code)) => code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_object_is_a_file_with_its_metadata_beside_it() {
    let rig = Rig::new();

    rig.put("audit-archive", rig.account.as_str(), "a/b/c.json.gz")
        .await
        .unwrap();
    rig.put("audit-archive", rig.account.as_str(), "a/b/c.json.gz")
        .await
        .unwrap();

    assert_eq!(rig.read("a/b/c.json.gz"), "body");
    assert_eq!(
        rig.read("a/b/c.json.gz.metadata.json"),
        r#"{"signature":"abc"}"#
    );
    assert_eq!(rig.everything().len(), 2);
}

#[tokio::test]
async fn a_bucket_is_there_for_its_accounts_only() {
    let rig = Rig::new();
    let other = AccountId::parse("444455556666").unwrap();

    let of_others = rig.put("audit-archive", other.as_str(), "a").await;
    let unknown = rig.put("another", rig.account.as_str(), "a").await;

    assert!(rig.buckets.is_open_to("audit-archive", &rig.account));
    assert!(!rig.buckets.is_open_to("audit-archive", &other));
    assert!(!rig.buckets.is_open_to("another", &rig.account));
    assert_eq!(code(of_others), "NoSuchBucket");
    assert_eq!(code(unknown), "NoSuchBucket");
    assert_eq!(rig.everything(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn no_key_leads_out_of_the_directory() {
    let rig = Rig::new();

    for key in [
        "../x",
        "a/../../x",
        "/x",
        "a//x",
        "a/./x",
        "",
        "a/",
        "a\0b",
        "a b",
        "ä",
    ] {
        let refused = rig.put("audit-archive", rig.account.as_str(), key).await;
        assert_eq!(code(refused), "InvalidURI", "{key:?}");
    }

    assert_eq!(rig.everything(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_directory_that_is_in_the_way_is_told() {
    let rig = Rig::new();
    fs::write(rig.dir.path().join("archive/a"), "a file").unwrap();

    let outcome = rig.put("audit-archive", rig.account.as_str(), "a/b").await;

    assert!(
        matches!(outcome, Err(NotPut::Unreachable(_))),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn an_object_goes_to_a_store_and_its_refusal_is_told() {
    let Some(store) = crate::s3::tests::Store::start() else {
        return;
    };
    let account = AccountId::parse("111122223333").unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let open = |name: &str, secret: &str| TrailBucket {
        name: name.to_owned(),
        place: BucketPlace::S3(Box::new(store.bucket(secret))),
        accounts: vec![account.clone()],
    };
    let right = open("right", crate::s3::tests::SECRET);
    let buckets = OperatorBuckets::open(std::slice::from_ref(&right), &clock).unwrap();
    let object = BucketObject {
        bucket: "right",
        account: &account,
        key: "a/b.json.gz",
        body: &Bytes::from_static(b"body"),
        content_type: "application/json",
        content_encoding: "gzip",
        metadata: &[("signature", String::from("abc"))],
    };

    buckets.put(object).await.unwrap();
    // The credentials stand in one file, which is read at each call.
    let wrong = open("wrong", "another secret");
    let wrong = OperatorBuckets::open(std::slice::from_ref(&wrong), &clock).unwrap();
    let refused = wrong
        .put(BucketObject {
            bucket: "wrong",
            ..object
        })
        .await;

    let bucket = Bucket::new(store.bucket(crate::s3::tests::SECRET), clock);
    let kept = bucket.get("a/b.json.gz").await.unwrap().unwrap();
    assert_eq!(kept.expose(), b"body");
    assert_eq!(code(refused), "SignatureDoesNotMatch");
}
