mod fetching;
mod remembering;
mod site;

use super::*;
use crate::config::{Endpoint, Fetching, Start};
use base::{IssuerUrl, Timestamp};
use parking_lot::Mutex;
use std::fs;
use std::path::{Path, PathBuf};

/// A clock that is moved by hand.
struct HandClock(Mutex<Timestamp>);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

impl HandClock {
    fn new() -> Arc<Self> {
        let moment = Timestamp::from_millis(1_768_478_400_000);
        Arc::new(Self(Mutex::new(moment)))
    }

    fn pass_seconds(&self, seconds: i64) {
        let mut now = self.0.lock();
        *now = now.plus_seconds(seconds);
    }
}

fn issuer(url: &str, keys: KeySource) -> Issuer {
    Issuer {
        url: IssuerUrl::parse(url).unwrap(),
        keys,
    }
}

fn from_url(url: &str, ca_file: PathBuf) -> Fetching {
    Fetching {
        from: Start::KeySet(Endpoint::parse(url).unwrap()),
        ca_file: Some(ca_file),
        token_file: None,
    }
}

fn issuers(all: &[Issuer]) -> Issuers {
    Issuers::with_timeout(all, HandClock::new(), GENEROUS)
}

/// The text of the set, or what the operator is told.
async fn text_of(issuers: &Issuers, url: &str) -> Result<String, String> {
    let set = issuers.key_set(url, false).await;
    set.map(|set| String::from_utf8(set.to_vec()).unwrap())
        .map_err(|error| error.to_string())
}

fn a_file(content: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jwks.json");
    fs::write(&path, content).unwrap();
    (dir, path)
}

fn of_file(path: &Path) -> Issuers {
    issuers(&[issuer(URL, KeySource::File(path.to_owned()))])
}

async fn refusal_of_file(path: &Path) -> String {
    text_of(&of_file(path), URL).await.unwrap_err()
}

#[tokio::test]
async fn an_issuer_that_is_not_named_is_unknown() {
    let (_dir, path) = a_file(SET);
    let issuers = of_file(&path);

    for url in ["https://other.example", "https://issuer.example/", ""] {
        let refused = issuers.key_set(url, true).await.unwrap_err();
        assert!(matches!(refused, IssuerKeysError::Unknown), "{url}");
    }
}

#[tokio::test]
async fn a_file_is_read_once_until_it_changes() {
    let (_dir, path) = a_file(SET);
    let issuers = of_file(&path);

    let first = issuers.key_set(URL, false).await.unwrap();
    let second = issuers.key_set(URL, true).await.unwrap();
    fs::write(&path, OTHER_SET).unwrap();
    let third = issuers.key_set(URL, false).await.unwrap();

    assert_eq!(&*first, SET.as_bytes());
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!(&*third, OTHER_SET.as_bytes());
}

#[tokio::test]
async fn another_file_in_its_place_is_read() {
    let (dir, path) = a_file(SET);
    let issuers = of_file(&path);
    text_of(&issuers, URL).await.unwrap();

    let staged = dir.path().join("staged");
    fs::write(&staged, OTHER_SET).unwrap();
    fs::rename(&staged, &path).unwrap();

    assert_eq!(text_of(&issuers, URL).await.unwrap(), OTHER_SET);
}

#[tokio::test]
async fn a_file_that_was_taken_away_serves_no_more() {
    let (_dir, path) = a_file(SET);
    let issuers = of_file(&path);
    text_of(&issuers, URL).await.unwrap();

    fs::remove_file(&path).unwrap();
    let gone = text_of(&issuers, URL).await.unwrap_err();
    fs::write(&path, SET).unwrap();

    let path = path.display();
    assert_eq!(
        gone,
        format!(
            "the issuer's keys cannot be had: cannot read `{path}`: No such file or directory (os \
             error 2)"
        )
    );
    assert_eq!(text_of(&issuers, URL).await.unwrap(), SET);
}

#[tokio::test]
async fn a_file_without_a_key_set_is_told() {
    for content in ["", "[]", "{}", r#"{"keys":1}"#, "<html>", "{\"keys\":[]} x"] {
        let (_dir, path) = a_file(content);

        let refused = refusal_of_file(&path).await;

        let expected = "the issuer's keys cannot be had: not a JSON Web Key Set: ";
        assert!(refused.starts_with(expected), "{content}: {refused}");
    }
}

#[tokio::test]
async fn what_is_no_file_of_a_fair_size_is_not_read() {
    let large = format!("{{\"keys\":[\"{}\"]}}", "x".repeat(MOST_BYTES));
    let (dir, path) = a_file(&large);

    let too_large = refusal_of_file(&path).await;
    let directory = refusal_of_file(dir.path()).await;
    let device = refusal_of_file(Path::new("/dev/zero")).await;

    let told = |text: String| format!("the issuer's keys cannot be had: {text}");
    let path = path.display();
    assert_eq!(
        too_large,
        told(format!("`{path}` is larger than 524288 bytes"))
    );
    assert_eq!(
        directory,
        told(format!("`{}` is not a file", dir.path().display()))
    );
    assert_eq!(device, told("`/dev/zero` is not a file".to_owned()));
}

#[tokio::test]
async fn a_file_of_the_largest_size_is_read() {
    let padding = MOST_BYTES - r#"{"keys":[""]}"#.len();
    let content = format!("{{\"keys\":[\"{}\"]}}", "x".repeat(padding));
    let (_dir, path) = a_file(&content);

    assert_eq!(text_of(&of_file(&path), URL).await.unwrap(), content);
}

const URL: &str = "https://issuer.example";
const SET: &str = r#"{"keys":[]}"#;
const OTHER_SET: &str = r#"{"keys":[1]}"#;
/// Longer than any test takes.
const GENEROUS: Duration = Duration::from_secs(60);
