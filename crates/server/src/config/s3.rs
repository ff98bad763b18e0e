//! A bucket of an S3-compatible store, as other sections name one.

use super::oidc::Endpoint;
use serde::Deserialize;
use std::path::PathBuf;

/// A bucket as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    /// The store's URL, such as `https://s3.eu-west-1.amazonaws.com`.
    endpoint: String,
    /// The bucket's name.
    bucket: String,
    /// The Region in the signature.
    region: String,
    /// A file with an access key, as the AWS CLI has it.
    credentials_file: PathBuf,
    /// Which profile of the file.
    profile: Option<String>,
    /// Whom to trust (PEM), in the place of the system's authorities.
    ca_file: Option<PathBuf>,
    /// Whether the bucket stands in the path, and not in the host's name.
    #[serde(default = "in_the_path")]
    path_style: bool,
}

/// A bucket, and how requests to it are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct S3 {
    endpoint: Endpoint,
    /// Its name.
    pub(crate) bucket: String,
    /// The Region in the signature.
    pub(crate) region: String,
    /// A file with an access key, read at each call.
    pub(crate) credentials_file: PathBuf,
    /// Which profile of the file.
    pub(crate) profile: String,
    /// Whom to trust (PEM). `None`: the system's authorities.
    pub(crate) ca_file: Option<PathBuf>,
    path_style: bool,
}

/// Why a bucket cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum S3ConfigError {
    /// Not a URL of a store.
    #[error(
        "`{0}` cannot be used: write a URL like `https://s3.eu-west-1.amazonaws.com`, without user \
         name, path and query (`http://` is for loopback hosts only)"
    )]
    Url(String),
    /// Not a name of a bucket.
    #[error(
        "`{0}` is no name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens, with a \
         letter or digit at both ends"
    )]
    Bucket(String),
    /// Not a Region's name.
    #[error("`{0}` is no name of a Region: write it like `us-east-1`")]
    Region(String),
}

/// Where an object is.
pub(crate) struct ObjectUrl {
    /// The URL, encoded.
    pub(crate) url: Endpoint,
    /// The path as it is signed: S3 encodes it once.
    pub(crate) path: String,
}

impl S3 {
    /// Whether the two are one bucket, however it is reached.
    pub(crate) fn is_same_place(&self, other: &Self) -> bool {
        self.endpoint == other.endpoint && self.bucket == other.bucket
    }

    /// Reads a bucket that a section names.
    pub(super) fn resolve(section: Section) -> Result<Self, S3ConfigError> {
        let endpoint = Endpoint::parse(&section.endpoint)
            .filter(|url| url.target() == "/")
            .ok_or_else(|| S3ConfigError::Url(section.endpoint.clone()))?;
        if !is_bucket(&section.bucket) {
            return Err(S3ConfigError::Bucket(section.bucket));
        }
        let is_region = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if section.region.is_empty() || !section.region.bytes().all(is_region) {
            return Err(S3ConfigError::Region(section.region));
        }
        Ok(Self {
            endpoint,
            bucket: section.bucket,
            region: section.region,
            credentials_file: section.credentials_file,
            profile: section
                .profile
                .unwrap_or_else(|| String::from(USUAL_PROFILE)),
            ca_file: section.ca_file,
            path_style: section.path_style,
        })
    }

    /// Where the object `key` is. `None` for what is no key that every store keeps as it is.
    pub(crate) fn object(&self, key: &str) -> Option<ObjectUrl> {
        if !is_key(key) {
            return None;
        }
        let (scheme, authority) = (self.scheme(), self.endpoint.authority());
        let (origin, path) = if self.path_style {
            let origin = format!("{scheme}://{authority}");
            (origin, format!("/{}/{key}", self.bucket))
        } else {
            let origin = format!("{scheme}://{}.{authority}", self.bucket);
            (origin, format!("/{key}"))
        };
        let url = Endpoint::parse(&format!("{origin}{}", encoded(&path)))?;
        Some(ObjectUrl { url, path })
    }

    fn scheme(&self) -> &'static str {
        if self.endpoint.is_https() {
            "https"
        } else {
            "http"
        }
    }
}

/// Whether a bucket can be called so.
pub(super) fn is_bucket(name: &str) -> bool {
    let is_end = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes
            .iter()
            .all(|byte| is_end(byte) || matches!(byte, b'.' | b'-'))
        && bytes.first().is_some_and(is_end)
        && bytes.last().is_some_and(is_end)
        && !name.contains("..")
}

/// SECURITY: a segment that means another place, to a proxy or to a store on a file system, is refused.
fn is_key(key: &str) -> bool {
    let is_plain = |segment: &str| !matches!(segment, "" | "." | "..");
    key.len() <= MOST_KEY_BYTES
        && !key.chars().any(char::is_control)
        && key.split('/').all(is_plain)
}

/// The path with everything encoded that does not mean itself in every URL.
fn encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

const fn in_the_path() -> bool {
    true
}

const USUAL_PROFILE: &str = "default";
/// S3's own bound.
const MOST_KEY_BYTES: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn section(endpoint: &str, bucket: &str) -> Section {
        Section {
            endpoint: endpoint.to_owned(),
            bucket: bucket.to_owned(),
            region: String::from("eu-west-1"),
            credentials_file: PathBuf::from("/etc/key"),
            profile: None,
            ca_file: None,
            path_style: true,
        }
    }

    fn shown(s3: &S3, key: &str) -> Option<(String, String)> {
        let object = s3.object(key)?;
        Some((object.url.to_string(), object.path))
    }

    #[test]
    fn an_object_is_in_the_path_or_at_the_buckets_own_host() {
        let in_path = S3::resolve(section("https://s3.example:9000/", "logs")).unwrap();
        let own_host = S3::resolve(Section {
            path_style: false,
            ..section("https://s3.example:9000", "logs")
        })
        .unwrap();

        let shown = [&in_path, &own_host].map(|s3| shown(s3, "a b/ü.gz").unwrap());

        let pair = |url: &str, path: &str| (url.to_owned(), path.to_owned());
        assert_eq!(
            shown,
            [
                pair(
                    "https://s3.example:9000/logs/a%20b/%C3%BC.gz",
                    "/logs/a b/ü.gz"
                ),
                pair("https://logs.s3.example:9000/a%20b/%C3%BC.gz", "/a b/ü.gz"),
            ]
        );
    }

    #[test]
    fn a_key_that_could_mean_another_place_is_none() {
        let s3 = S3::resolve(section("https://s3.example", "logs")).unwrap();

        for key in ["", "/a", "a/", "a//b", "a/../b", ".", "a/./b", "a\nb"] {
            assert!(s3.object(key).is_none(), "{key:?}");
        }
        assert!(s3.object(&"a".repeat(1_025)).is_none());
        assert!(s3.object("..a/b..c/...").is_some());
    }

    #[test]
    fn what_is_no_store_bucket_or_region_is_refused() {
        for endpoint in [
            "http://s3.example",
            "https://s3.example/path",
            "https://s3.example/?a",
            "https://user@s3.example",
            "s3.example",
        ] {
            let refused = S3::resolve(section(endpoint, "logs"));
            assert!(
                matches!(refused, Err(S3ConfigError::Url(url)) if url == endpoint),
                "{endpoint}"
            );
        }
        for bucket in ["", "ab", "Logs", "-logs", "logs.", "a..b", "a/b", "a_b"] {
            let refused = S3::resolve(section("https://s3.example", bucket));
            assert!(
                matches!(refused, Err(S3ConfigError::Bucket(name)) if name == bucket),
                "{bucket}"
            );
        }
        let nowhere = Section {
            region: String::from("eu west"),
            ..section("https://s3.example", "logs")
        };
        assert!(matches!(
            S3::resolve(nowhere),
            Err(S3ConfigError::Region(_))
        ));
    }
}
