//! Requests made ready beforehand: signed, and written out as they go over the wire. While the
//! clock runs the generator only copies bytes.

use crate::Error;
use crate::operation::{Ask, Operation, SECRETS_MANAGER};
use base::{Plaintext, Timestamp};
use http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use sigv4::Credentials;

/// Who signs, and for which endpoint.
pub(crate) struct Signer {
    /// The endpoint's address and port.
    pub(crate) host: String,
    pub(crate) region: String,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Plaintext,
    /// Of a role's temporary credentials.
    pub(crate) session_token: Option<Plaintext>,
}

/// A request as it goes over the wire, and how its answer is known.
pub(crate) struct Signed {
    pub(crate) operation: Operation,
    pub(crate) bytes: Box<[u8]>,
    pub(crate) expected: Box<str>,
}

impl Signer {
    /// Writes out `ask`, signed at `now`.
    pub(crate) fn sign(&self, ask: Ask, now: Timestamp) -> Result<Signed, Error> {
        let mut headers = HeaderMap::with_capacity(5);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        headers.insert(TARGET, text(&ask.operation.target())?);
        self.sign_with(headers, ask, now)
    }

    /// Writes out a call of Secrets Manager that is answered to no expectation.
    pub(crate) fn sign_call(
        &self,
        operation: &str,
        body: &str,
        now: Timestamp,
    ) -> Result<Box<[u8]>, Error> {
        let mut headers = HeaderMap::with_capacity(6);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        headers.insert(TARGET, text(&format!("secretsmanager.{operation}"))?);
        self.written_out(headers, SECRETS_MANAGER, "/", body, now)
    }

    /// Writes out a call of Lambda: a `POST` of JSON to `path`.
    pub(crate) fn sign_rest(
        &self,
        path: &str,
        body: &str,
        now: Timestamp,
    ) -> Result<Box<[u8]>, Error> {
        let mut headers = HeaderMap::with_capacity(5);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.written_out(headers, "lambda", path, body, now)
    }

    /// Writes out a call of IAM, signed at `now`. The right answer repeats the action.
    pub(crate) fn sign_form(
        &self,
        action: &str,
        parameters: &[(&str, &str)],
        now: Timestamp,
    ) -> Result<Signed, Error> {
        let mut body = format!("Action={action}&Version=2010-05-08");
        for (name, value) in parameters {
            body.push_str(&format!("&{name}="));
            for byte in value.bytes() {
                body.push_str(&format!("%{byte:02X}"));
            }
        }
        let mut headers = HeaderMap::with_capacity(5);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
        let ask = Ask {
            operation: Operation::Administer,
            body,
            expected: format!("<{action}Response"),
        };
        self.sign_with(headers, ask, now)
    }

    fn sign_with(&self, headers: HeaderMap, ask: Ask, now: Timestamp) -> Result<Signed, Error> {
        let service = ask.operation.service();
        Ok(Signed {
            operation: ask.operation,
            bytes: self.written_out(headers, service, "/", &ask.body, now)?,
            expected: ask.expected.into(),
        })
    }

    fn written_out(
        &self,
        mut headers: HeaderMap,
        service: &str,
        path: &str,
        body: &str,
        now: Timestamp,
    ) -> Result<Box<[u8]>, Error> {
        headers.insert(HOST, text(&self.host)?);
        let request = sigv4::Request {
            method: "POST",
            path,
            query: "",
            headers: &headers,
            body: body.as_bytes(),
        };
        let token = self.session_token.as_ref().map(Plaintext::expose);
        let token = token.map(std::str::from_utf8).transpose();
        let credentials = Credentials {
            access_key_id: &self.access_key_id,
            secret_access_key: self.secret_access_key.expose(),
            session_token: token.map_err(|_| Error::Unsignable)?,
        };
        let added = sigv4::sign(&request, &credentials, &self.region, service, now)
            .map_err(|_| Error::Unsignable)?;
        headers.extend(added);
        Ok(wire_form(path, &headers, body.as_bytes()))
    }
}

fn wire_form(path: &str, headers: &HeaderMap, body: &[u8]) -> Box<[u8]> {
    let mut bytes = Vec::with_capacity(640 + body.len());
    bytes.extend_from_slice(format!("POST {path} HTTP/1.1\r\n").as_bytes());
    for (name, value) in headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes.into()
}

fn text(value: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(value).map_err(|_| Error::Unsignable)
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/x-amz-json-1.1";
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

#[cfg(test)]
mod tests {
    use super::*;
    use sigv4::{Presented, Scope, SigningKey};

    fn signer() -> Signer {
        Signer {
            host: String::from("127.0.0.1:8443"),
            region: String::from("us-east-1"),
            access_key_id: String::from("AKIDEXAMPLE"),
            secret_access_key: Plaintext::from(String::from("secret")),
            session_token: None,
        }
    }

    /// Reads back what was written out.
    fn headers_and_body(bytes: &[u8]) -> (HeaderMap, Vec<u8>) {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        assert_eq!(lines.next(), Some("POST / HTTP/1.1"));
        let headers = lines
            .map(|line| {
                let (name, value) = line.split_once(": ").unwrap();
                (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())
            })
            .collect();
        (headers, body.as_bytes().to_vec())
    }

    #[test]
    fn what_is_written_out_verifies() {
        let now = Timestamp::from_millis(1_440_938_160_000);

        let signed = signer().sign(Ask::get(3), now).unwrap();

        let (headers, body) = headers_and_body(&signed.bytes);
        let request = sigv4::Request {
            method: "POST",
            path: "/",
            query: "",
            headers: &headers,
            body: &body,
        };
        let scope = Scope {
            date: "20150830",
            region: "us-east-1",
            service: "secretsmanager",
        };
        let presented = Presented::read(&request, now).unwrap();
        let verified = presented.verify(&request, &SigningKey::derive(b"secret", scope));
        assert!(verified.is_ok(), "{verified:?}");
        assert_eq!(presented.access_key_id(), "AKIDEXAMPLE");
        assert_eq!(&*signed.expected, r#""Name":"bench/000003""#);
    }

    #[test]
    fn the_head_names_operation_length_and_host() {
        let signed = signer()
            .sign(Ask::describe(3), Timestamp::from_millis(0))
            .unwrap();

        let (headers, body) = headers_and_body(&signed.bytes);
        assert_eq!(headers["x-amz-target"], "secretsmanager.DescribeSecret");
        assert_eq!(headers["content-type"], "application/x-amz-json-1.1");
        assert_eq!(headers["host"], "127.0.0.1:8443");
        assert_eq!(headers["content-length"], body.len().to_string().as_str());
        assert_eq!(body, br#"{"SecretId":"bench/000003"}"#);
    }

    #[test]
    fn a_call_of_a_role_shows_its_token() {
        let role = Signer {
            session_token: Some(Plaintext::from(String::from("a token"))),
            ..signer()
        };

        let bytes = role
            .sign_call("DescribeSecret", "{}", Timestamp::from_millis(0))
            .unwrap();

        let (headers, body) = headers_and_body(&bytes);
        assert_eq!(headers["x-amz-security-token"], "a token");
        assert_eq!(headers["x-amz-target"], "secretsmanager.DescribeSecret");
        assert_eq!(body, b"{}");
    }

    #[test]
    fn a_call_of_lambda_is_signed_with_its_path() {
        let now = Timestamp::from_millis(1_440_938_160_000);

        let bytes = signer()
            .sign_rest("/2015-03-31/functions", "{}", now)
            .unwrap();

        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text.starts_with("POST /2015-03-31/functions HTTP/1.1\r\n"));
        assert!(text.contains("/20150830/us-east-1/lambda/aws4_request"));
    }

    #[test]
    fn a_key_with_a_line_break_is_refused() {
        let broken = Signer {
            access_key_id: String::from("AKID\r\nx: y"),
            ..signer()
        };

        let refused = broken.sign(Ask::get(0), Timestamp::from_millis(0));

        assert!(matches!(refused, Err(Error::Unsignable)));
    }
}
