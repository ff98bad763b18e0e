use base::Timestamp;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use strongroom_sigv4::{Credentials, Error, Presented, Request, Scope, SigningKey, presign, sign};

pub(crate) const ACCESS_KEY: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &[u8] = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const REGION: &str = "eu-central-1";
pub(crate) const SERVICE: &str = "secretsmanager";
pub(crate) const CREDENTIALS: Credentials<'static> = Credentials {
    access_key_id: ACCESS_KEY,
    secret_access_key: SECRET,
    session_token: None,
};

/// A request that owns its parts, so that a test can change them.
#[derive(Clone, Debug)]
pub(crate) struct Owned {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Owned {
    /// What a client sends to read a secret, not yet signed.
    pub(crate) fn get_secret_value() -> Self {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "secrets.example:8443"),
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "secretsmanager.GetSecretValue"),
            ("user-agent", "aws-cli/2"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        Self {
            method: String::from("POST"),
            path: String::from("/"),
            query: String::new(),
            headers,
            body: br#"{"SecretId":"db"}"#.to_vec(),
        }
    }

    pub(crate) fn borrowed(&self) -> Request<'_> {
        Request {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            body: &self.body,
        }
    }

    pub(crate) fn signed_with(mut self, credentials: &Credentials<'_>) -> Self {
        let added = sign(&self.borrowed(), credentials, REGION, SERVICE, now()).unwrap();
        self.headers.extend(added);
        self
    }

    pub(crate) fn signed(self) -> Self {
        self.signed_with(&CREDENTIALS)
    }

    pub(crate) fn presigned_for(mut self, lifetime_seconds: u32) -> Self {
        self.query = presign(
            &self.borrowed(),
            &CREDENTIALS,
            REGION,
            SERVICE,
            now(),
            lifetime_seconds,
        )
        .unwrap();
        self
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The same with one text of its `Authorization` header, or of its query, replaced.
    pub(crate) fn replacing(mut self, from: &str, to: &str) -> Self {
        if let Some(header) = self.headers.get("authorization") {
            let changed = header.to_str().unwrap().replace(from, to);
            assert_ne!(header.to_str().unwrap(), changed, "nothing to replace");
            return self.with("authorization", &changed);
        }
        let changed = self.query.replace(from, to);
        assert_ne!(self.query, changed, "nothing to replace");
        self.query = changed;
        self
    }

    pub(crate) fn read(&self) -> Result<Presented, Error> {
        self.read_at(now())
    }

    pub(crate) fn read_at(&self, now: Timestamp) -> Result<Presented, Error> {
        Presented::read(&self.borrowed(), now)
    }

    /// The whole way of a request, with the key of [`CREDENTIALS`].
    pub(crate) fn accepted(&self) -> Result<(), Error> {
        let presented = self.read()?;
        presented.in_scope(SERVICE, |region| region == REGION)?;
        presented.verify(&self.borrowed(), &key())
    }
}

/// The exception name and text of a JSON service, and the code and status of a Query service.
pub(crate) type Reply = (&'static str, String, (&'static str, u16));

pub(crate) fn reply(error: &Error) -> Reply {
    (error.json_code(), error.to_string(), error.query_code())
}

pub(crate) fn refusal(request: &Owned) -> Reply {
    reply(&request.accepted().unwrap_err())
}

pub(crate) fn missing(text: &str) -> Reply {
    let query = ("MissingAuthenticationToken", 403);
    (
        "MissingAuthenticationTokenException",
        text.to_owned(),
        query,
    )
}

pub(crate) fn incomplete(text: &str) -> Reply {
    let query = ("IncompleteSignature", 400);
    ("IncompleteSignatureException", text.to_owned(), query)
}

pub(crate) fn invalid(text: &str) -> Reply {
    let query = ("SignatureDoesNotMatch", 403);
    ("InvalidSignatureException", text.to_owned(), query)
}

/// 2015-08-30T12:36:00Z, as in AWS's examples.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(1_440_938_160_000)
}

pub(crate) fn key() -> SigningKey {
    let date = now().to_basic_date();
    SigningKey::derive(
        SECRET,
        Scope {
            date: &date,
            region: REGION,
            service: SERVICE,
        },
    )
}
