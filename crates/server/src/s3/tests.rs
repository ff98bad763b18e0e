//! Against a real S3-compatible server that verifies signatures: `STRONGROOM_S3S` is the program of
//! `s3s-fs`. Without it the tests say so and pass, unless `STRONGROOM_NEEDS_S3S` is set, as `./test` does.

use super::*;
use crate::config::Config;
use crate::files;
use crate::outside::SystemClock;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A store with the bucket `logs`. Ended when dropped.
pub(crate) struct Store {
    process: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl Store {
    /// `None`: there is no program.
    #[expect(
        clippy::disallowed_methods,
        reason = "where the program is differs from machine to machine"
    )]
    pub(crate) fn start() -> Option<Self> {
        let Some(program) = std::env::var_os("STRONGROOM_S3S") else {
            assert!(std::env::var_os("STRONGROOM_NEEDS_S3S").is_none());
            eprintln!("skipped: s3s-fs is not installed");
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("store/logs")).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let process = Command::new(program)
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .args(["--access-key", "AKIDEXAMPLE", "--secret-key", SECRET])
            .arg(dir.path().join("store"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let store = Self { process, port, dir };
        let listens = (0..2_000).any(|_| {
            std::thread::sleep(Duration::from_millis(5));
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        assert!(listens);
        Some(store)
    }

    /// The bucket, with the right key or a wrong one.
    pub(crate) fn bucket(&self, secret: &str) -> S3 {
        let credentials = self.dir.path().join("credentials");
        let key = format!(
            "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {secret}\n"
        );
        files::write(&credentials, 0o600, key.as_bytes()).unwrap();
        bucket(&format!("http://127.0.0.1:{}", self.port), credentials)
    }

    /// The keys and contents of its objects, sorted.
    pub(crate) fn objects(&self) -> Vec<(String, Vec<u8>)> {
        let root = self.dir.path().join("store/logs");
        let (mut found, mut left) = (Vec::new(), vec![root.clone()]);
        while let Some(dir) = left.pop() {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    left.push(path);
                    continue;
                }
                let key = path.strip_prefix(&root).unwrap().display().to_string();
                found.push((key, fs::read(path).unwrap()));
            }
        }
        found.sort();
        found
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A bucket `logs` at `endpoint`.
pub(crate) fn bucket(endpoint: &str, credentials: PathBuf) -> S3 {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("strongroom.toml");
    let toml = format!(
        "[[audit.sinks]]\nname = \"a\"\n[audit.sinks.s3]\nendpoint = \"{endpoint}\"\nbucket = \"logs\"\n\
         region = \"eu-west-1\"\ncredentials_file = \"{}\"\n",
        credentials.display()
    );
    fs::write(&path, toml).unwrap();
    let flags = crate::cli::ServeFlags {
        config: Some(path),
        ..Default::default()
    };
    match Config::load(&flags).unwrap().sinks.remove(0).kind {
        crate::config::SinkKind::S3(archive) => archive.bucket,
        other => panic!("{other:?}"),
    }
}

pub(crate) const SECRET: &str = "a/secret+key";

const TEXT: ObjectKind = ObjectKind {
    content_type: "text/plain",
    encoding: None,
};

#[tokio::test]
async fn an_object_that_was_put_is_there_under_any_key() {
    let Some(store) = Store::start() else { return };
    let bucket = Bucket::new(store.bucket(SECRET), Arc::new(SystemClock));
    let keys = ["a", "a b/ü+%2F&c=d?.gz", "~/x_y-z.1/(2)*'!"];

    for key in keys {
        let bytes = Bytes::from(key.as_bytes());
        bucket.put(key, bytes, TEXT).await.unwrap();
    }
    bucket.put("a", Bytes::from("second"), TEXT).await.unwrap();

    let mut read = Vec::new();
    for key in keys {
        let object = bucket.get(key).await.unwrap().unwrap();
        read.push(String::from_utf8(object.expose().to_vec()).unwrap());
    }
    assert_eq!(read, ["second", keys[1], keys[2]]);
    let mut there: Vec<String> = store.objects().into_iter().map(|(key, _)| key).collect();
    there.retain(|key| !key.starts_with('.'));
    let mut expected = keys.map(String::from);
    expected.sort();
    assert_eq!(there, expected);
    assert!(bucket.get("nowhere").await.unwrap().is_none());
}

#[tokio::test]
async fn a_wrong_key_is_refused_with_the_stores_own_code() {
    let Some(store) = Store::start() else { return };
    let bucket = Bucket::new(store.bucket("wrong"), Arc::new(SystemClock));

    let refused = bucket.put("a", Bytes::from("x"), TEXT).await.unwrap_err();

    assert_eq!(
        refused.to_string(),
        "it answered with status 403 SignatureDoesNotMatch"
    );
    assert!(store.objects().is_empty());
}

#[tokio::test]
async fn a_key_that_leads_elsewhere_is_not_sent() {
    let bucket = bucket("http://127.0.0.1:1", PathBuf::from("/nowhere"));
    let bucket = Bucket::new(bucket, Arc::new(SystemClock));

    let refused = bucket.put("../a", Bytes::new(), TEXT).await.unwrap_err();

    assert_eq!(refused.to_string(), "`../a` is no key of an object");
}

#[test]
fn a_stores_code_is_told_only_if_it_is_a_plain_word() {
    let codes = [
        "<Error><Code>NoSuchBucket</Code></Error>",
        "<Error><Code>a\nb</Code></Error>",
        "<Error><Code></Error>",
        "",
    ]
    .map(|body| code(body.as_bytes()));

    assert_eq!(
        codes,
        [Some(String::from("NoSuchBucket")), None, None, None]
    );
}
