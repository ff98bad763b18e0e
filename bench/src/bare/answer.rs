use crate::Error;
use crate::args::BareSettings;
use crate::operation::name;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base::Timestamp;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, request::Parts};
use http_body_util::Full;
use sigv4::{Presented, Scope, SigningKey};

/// The one answer of a bare server, and what has to hold before it is given.
pub(super) struct Answer {
    body: Bytes,
    secret_access_key: Box<[u8]>,
    /// The signing name that requests have to bear.
    service: String,
    /// The day that `signing` is good for.
    day: String,
    signing: SigningKey,
    cipher: LessSafeKey,
    sealed: Vec<u8>,
}

impl Answer {
    /// An answer of the size that `settings` tell (or the least that looks like one) for requests
    /// to their service, signed with `secret_access_key`.
    pub(super) fn new(
        secret_access_key: &[u8],
        now: Timestamp,
        settings: &BareSettings,
    ) -> Result<Self, Error> {
        let day = now.to_basic_date();
        let cipher = UnboundKey::new(&AES_256_GCM, &[7; 32]).map_err(Error::tls)?;
        let cipher = LessSafeKey::new(cipher);
        let mut sealed = vec![b'v'; VALUE_BYTES];
        cipher
            .seal_in_place_append_tag(nonce(), Aad::from(CONTEXT), &mut sealed)
            .map_err(Error::tls)?;
        Ok(Self {
            body: body(settings.answer_bytes).into(),
            secret_access_key: secret_access_key.into(),
            signing: key(secret_access_key, &day, &settings.service),
            service: settings.service.clone(),
            day,
            cipher,
            sealed,
        })
    }

    /// The answer to a request, or a refusal when it is not signed as it should be.
    pub(super) fn to(&self, head: &Parts, body: &[u8], now: Timestamp) -> Response<Full<Bytes>> {
        let request = sigv4::Request {
            method: head.method.as_str(),
            path: head.uri.path(),
            query: head.uri.query().unwrap_or_default(),
            headers: &head.headers,
            body,
        };
        if let Err(error) = self.verify(&request, now) {
            return refusal(&error.to_string());
        }
        if !self.value_opens() {
            return refusal("the value does not open");
        }
        let mut response = Response::new(Full::new(self.body.clone()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        headers.insert(REQUEST_ID, HeaderValue::from_static(SOME_ID));
        response
    }

    fn verify(&self, request: &sigv4::Request<'_>, now: Timestamp) -> Result<(), sigv4::Error> {
        let presented = Presented::read(request, now)?;
        presented.in_scope(&self.service, |region| region == REGION)?;
        let day = presented.scope().date;
        if day == self.day {
            presented.verify(request, &self.signing)
        } else {
            // Midnight has passed during the run.
            let signing = key(&self.secret_access_key, day, &self.service);
            presented.verify(request, &signing)
        }
    }

    fn value_opens(&self) -> bool {
        let mut value = self.sealed.clone();
        let opened = self
            .cipher
            .open_in_place(nonce(), Aad::from(CONTEXT), &mut value);
        opened.is_ok_and(|value| std::hint::black_box(value).len() == VALUE_BYTES)
    }
}

/// Says no, in the form of AWS's errors.
pub(super) fn refusal(reason: &str) -> Response<Full<Bytes>> {
    let body = serde_json::json!({"__type": "BareServerException", "message": reason});
    let mut response = Response::new(Full::new(body.to_string().into()));
    *response.status_mut() = http::StatusCode::BAD_REQUEST;
    response
}

/// A body like that of GetSecretValue about secret 0, stretched to `size` bytes.
fn body(size: usize) -> String {
    let name = name(0);
    let begin = format!(
        "{{\"ARN\":\"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf\",\
         \"Name\":\"{name}\",\"VersionId\":\"{SOME_ID}\",\"SecretString\":\""
    );
    let end = "\",\"VersionStages\":[\"AWSCURRENT\"],\"CreatedDate\":1440938160.123}";
    let padding = size.saturating_sub(begin.len() + end.len());
    format!("{begin}{}{end}", "v".repeat(padding))
}

fn key(secret_access_key: &[u8], day: &str, service: &str) -> SigningKey {
    let scope = Scope {
        date: day,
        region: REGION,
        service,
    };
    SigningKey::derive(secret_access_key, scope)
}

/// The value is sealed once, so its nonce may be fixed.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

pub(super) const ACCOUNT: &str = "123456789012";
pub(super) const REGION: &str = "us-east-1";
pub(super) const ACCESS_KEY_ID: &str = "AKIABAREBAREBAREBARE";

const JSON: &str = "application/x-amz-json-1.1";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const SOME_ID: &str = "6f0f9a3c-5a0e-4a8e-9d53-2b1c7e4f8a10";
const VALUE_BYTES: usize = 88;

/// About as much as a server binds a value to: account, secret and version.
const CONTEXT: &[u8; 96] = &[b'c'; 96];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{Ask, Operation};
    use crate::sign::Signer;
    use base::Plaintext;
    use http::HeaderMap;
    use http_body_util::BodyExt;
    use std::path::PathBuf;

    const NOW: Timestamp = Timestamp::from_millis(1_440_938_160_000);

    fn answer(now: Timestamp) -> Answer {
        answer_of("secretsmanager", now)
    }

    fn answer_of(service: &str, now: Timestamp) -> Answer {
        let settings = BareSettings {
            data_dir: PathBuf::new(),
            answer_bytes: 400,
            service: service.to_owned(),
            durable: false,
        };
        Answer::new(b"secret", now, &settings).unwrap()
    }

    fn signed(secret: &str, at: Timestamp) -> (Parts, Vec<u8>) {
        let signer = Signer {
            host: String::from("localhost"),
            region: String::from(REGION),
            access_key_id: String::from(ACCESS_KEY_ID),
            secret_access_key: Plaintext::from(String::from(secret)),
            session_token: None,
        };
        let bytes = signer.sign(Ask::get(0), at).unwrap().bytes.to_vec();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let headers: HeaderMap = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
            .collect();
        let mut request = http::Request::post("/").body(()).unwrap();
        *request.headers_mut() = headers;
        (request.into_parts().0, body.as_bytes().to_vec())
    }

    fn read(response: Response<Full<Bytes>>) -> (u16, String) {
        let status = response.status().as_u16();
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let body = runtime.unwrap().block_on(response.into_body().collect());
        let body = body.unwrap().to_bytes().to_vec();
        (status, String::from_utf8(body).unwrap())
    }

    #[test]
    fn a_signed_request_gets_the_answer_of_the_given_size() {
        let (head, request) = signed("secret", NOW);

        let (status, body) = read(answer(NOW).to(&head, &request, NOW));

        assert_eq!(status, 200);
        assert_eq!(body.len(), 400);
        let json: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(json["Name"], "bench/000000");
        assert!(body.contains(&Ask::get(5).of_bare().expected));
    }

    #[test]
    fn a_wrong_key_a_late_request_and_a_changed_body_are_refused() {
        let (head, request) = signed("secret", NOW);
        let (foreign, _) = signed("another", NOW);

        let refused = [
            read(answer(NOW).to(&foreign, &request, NOW)),
            read(answer(NOW).to(&head, &request, NOW.plus_seconds(3_600))),
            read(answer(NOW).to(&head, b"{}", NOW)),
        ];

        for (status, body) in refused {
            assert_eq!(status, 400);
            assert!(body.contains("BareServerException"), "{body}");
        }
    }

    #[test]
    fn a_request_to_another_service_is_refused() {
        let (head, request) = signed("secret", NOW);

        let (status, body) = read(answer_of("kms", NOW).to(&head, &request, NOW));

        assert_eq!(status, 400);
        assert!(body.contains("BareServerException"), "{body}");
    }

    #[test]
    fn a_run_may_last_past_midnight() {
        let (head, request) = signed("secret", NOW.plus_days(1));

        let (status, _) = read(answer(NOW).to(&head, &request, NOW.plus_days(1)));

        assert_eq!(status, 200);
    }

    #[test]
    fn a_changed_value_does_not_open() {
        let mut answer = answer(NOW);
        answer.sealed[3] ^= 1;

        assert!(!answer.value_opens());
    }

    #[test]
    fn an_answer_is_never_shorter_than_what_it_says() {
        let least = body(0).len();

        assert_eq!(body(least).len(), least);
        assert_eq!(body(least + 1).len(), least + 1);
        assert_eq!(Operation::Get.target(), "secretsmanager.GetSecretValue");
    }
}
