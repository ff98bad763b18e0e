//! AWS's signing test suite. Each step's text is compared: the canonical request, the string to
//! sign, the signature; by verifying the signed request and by signing it anew.

use base::Timestamp;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use std::fs;
use std::path::{Path, PathBuf};
use strongroom_sigv4::{Credentials, Error, Presented, Request, Scope, SigningKey, presign, sign};

/// Signed without normalizing the path, as S3 alone does. We normalize always.
const UNNORMALIZED: [&str; 6] = [
    "get-relative-relative-unnormalized",
    "get-relative-unnormalized",
    "get-slash-dot-slash-unnormalized",
    "get-slash-pointless-dot-unnormalized",
    "get-slash-unnormalized",
    "get-slashes-unnormalized",
];

/// Adds the session token to the query after signing. Then it would be unclear whether a parameter
/// is covered; we hold that every one but the signature is.
const TOKEN_ADDED_TO_QUERY: &str = "post-sts-header-after";

#[test]
fn signed_requests_verify_step_by_step() {
    for vector in all() {
        for form in ["header", "query"] {
            let Some(presented) = vector.verified(form) else {
                continue;
            };
            let request = vector.signed_request(form);
            let request = request.borrowed();

            let name = format!("{} {form}", vector.name);
            let text = |what: &str| vector.text(&format!("{form}-{what}.txt"));
            assert_eq!(
                presented.canonical_request(&request).unwrap(),
                text("canonical-request"),
                "{name}"
            );
            assert_eq!(
                presented.string_to_sign(&request).unwrap(),
                text("string-to-sign"),
                "{name}"
            );
            assert_eq!(presented.access_key_id(), vector.context("access_key_id"));
            assert_eq!(presented.is_presigned(), form == "query", "{name}");
            assert_eq!(presented.signed_at(), now(), "{name}");
            assert_eq!(presented.scope(), vector.scope(), "{name}");
            assert_eq!(
                presented.session_token(),
                vector.optional("token"),
                "{name}"
            );
        }
    }
}

#[test]
fn exclusions_are_needed() {
    let excluded = UNNORMALIZED
        .iter()
        .flat_map(|name| [(*name, "header"), (*name, "query")])
        .chain([(TOKEN_ADDED_TO_QUERY, "query")]);
    for (name, form) in excluded {
        let vector = Vector::named(name);
        let request = vector.signed_request(form);

        let presented = Presented::read(&request.borrowed(), now()).unwrap();
        let verified = presented.verify(&request.borrowed(), &vector.key());

        assert_eq!(verified, Err(Error::Mismatch), "{name} {form}");
    }
}

#[test]
fn signing_gives_the_published_header() {
    for vector in all().filter(Vector::is_normalized) {
        let signed = vector.signed_request("header");
        let mut bare = vector.signed_request("header");
        for added in ["authorization", "x-amz-date", "x-amz-security-token"] {
            bare.headers.remove(added);
        }

        let added = sign(
            &bare.borrowed(),
            &vector.credentials(),
            vector.context("region"),
            vector.context("service"),
            now(),
        )
        .unwrap();

        for (name, value) in &added {
            assert_eq!(signed.headers.get(name), Some(value), "{}", vector.name);
        }
        assert_eq!(
            added.contains_key("x-amz-security-token"),
            vector.signs_token()
        );
    }
}

#[test]
fn presigning_gives_the_published_signature() {
    for vector in all().filter(Vector::is_normalized) {
        let mut bare = vector.signed_request("query");
        bare.query = bare
            .query
            .split('&')
            .filter(|pair| !pair.starts_with("X-Amz-"))
            .collect::<Vec<_>>()
            .join("&");

        let query = presign(
            &bare.borrowed(),
            &vector.credentials(),
            vector.context("region"),
            vector.context("service"),
            now(),
            3_600,
        )
        .unwrap();

        let (_, signature) = query.rsplit_once("&X-Amz-Signature=").unwrap();
        let name = &vector.name;
        assert_eq!(signature, vector.text("query-signature.txt"), "{name}");
    }
}

/// Every vector on disk; a directory that is added counts at once.
fn all() -> impl Iterator<Item = Vector> {
    let mut names: Vec<String> = fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 38);
    names.into_iter().map(|name| Vector::named(&name))
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

/// The moment that every vector is signed at: 2015-08-30T12:36:00Z.
fn now() -> Timestamp {
    Timestamp::from_millis(1_440_938_160_000)
}

struct Vector {
    name: String,
    context: serde_json::Value,
}

impl Vector {
    fn named(name: &str) -> Self {
        let text = fs::read_to_string(directory().join(name).join("context.json")).unwrap();
        let context: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(context["timestamp"], "2015-08-30T12:36:00Z");
        assert_eq!(context["expiration_in_seconds"], 3_600);
        Self {
            name: name.to_owned(),
            context,
        }
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(directory().join(&self.name).join(file)).unwrap()
    }

    /// A text of the context, at its top or among its credentials.
    fn optional(&self, key: &str) -> Option<&str> {
        let value = self.context.get(key);
        value
            .or_else(|| self.context["credentials"].get(key))?
            .as_str()
    }

    fn context(&self, key: &str) -> &str {
        self.optional(key).unwrap()
    }

    fn is_normalized(&self) -> bool {
        !UNNORMALIZED.contains(&self.name.as_str())
    }

    fn signs_token(&self) -> bool {
        let omitted = self.context.get("omit_session_token");
        self.optional("token").is_some() && omitted.is_none_or(|omitted| omitted == false)
    }

    fn scope(&self) -> Scope<'_> {
        Scope {
            date: "20150830",
            region: self.context("region"),
            service: self.context("service"),
        }
    }

    fn key(&self) -> SigningKey {
        SigningKey::derive(self.context("secret_access_key").as_bytes(), self.scope())
    }

    fn credentials(&self) -> Credentials<'_> {
        Credentials {
            access_key_id: self.context("access_key_id"),
            secret_access_key: self.context("secret_access_key").as_bytes(),
            session_token: self.optional("token").filter(|_| self.signs_token()),
        }
    }

    /// What the signed request presents, after it verified. `None` for an excluded one.
    fn verified(&self, form: &str) -> Option<Presented> {
        if !self.is_normalized() || (self.name == TOKEN_ADDED_TO_QUERY && form == "query") {
            return None;
        }
        let request = self.signed_request(form);
        let name = format!("{} {form}", self.name);

        let presented = Presented::read(&request.borrowed(), now()).expect(&name);

        let in_scope = presented.in_scope(self.context("service"), |region| {
            region == self.context("region")
        });
        assert_eq!(in_scope, Ok(()), "{name}");
        let verified = presented.verify(&request.borrowed(), &self.key());
        assert_eq!(verified, Ok(()), "{name}");
        Some(presented)
    }

    fn signed_request(&self, form: &str) -> Parsed {
        Parsed::of(&self.text(&format!("{form}-signed-request.txt")))
    }
}

/// A request read from its text, more leniently than a server would: a path may hold blanks.
struct Parsed {
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Parsed {
    fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap();
        // A header that goes on in the next line: the break is a blank.
        let head = head.replace("\n ", " ");
        let mut lines = head.lines();
        let start = lines.next().unwrap().strip_suffix(" HTTP/1.1").unwrap();
        let (method, target) = start.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = HeaderMap::new();
        for (name, value) in lines.map(|line| line.split_once(':').unwrap()) {
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: body.as_bytes().to_vec(),
        }
    }

    fn borrowed(&self) -> Request<'_> {
        Request {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            body: &self.body,
        }
    }
}
