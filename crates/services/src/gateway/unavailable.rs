//! The answer of a server that serves nobody: it is sealed.
//!
//! There are no services then, no accounts and no audit sink, so nothing is asked of the request
//! but which protocol it speaks.

use super::call::Answer;
use super::refusal::Refusal;
use super::{Form, Request, json, query, rest};
use crate::service::Protocol;
use base::{Entropy, random_uuid};
use bytes::Bytes;
use http::{HeaderValue, Method, Response, header::RETRY_AFTER};
use wire::json::MessageKey;
use wire::query::error_response;

/// AWS's 503, in the protocol of `request`, with `message` as its text.
pub fn unavailable(request: &Request, message: &str, entropy: &dyn Entropy) -> Response<Bytes> {
    let request_id = random_uuid(entropy);
    let namespace = match Form::of(request) {
        Some(Form::Query) => namespace_of(request),
        Some(Form::Json | Form::Rest(..)) | None => None,
    };
    let answer = match namespace {
        None if matches!(Form::of(request), Some(Form::Rest(..))) => {
            let refusal = Refusal::front_end(CODE, STATUS, Some(message.to_owned()));
            Answer::new(STATUS, rest::CONTENT_TYPE, rest::error_body(&refusal, &[]))
                .with([rest::error_type(&refusal)])
        }
        Some(namespace) => Answer::new(
            STATUS,
            "text/xml",
            error_response(namespace, STATUS, CODE, message, &request_id),
        ),
        None => {
            let refusal = Refusal::front_end(CODE, STATUS, Some(message.to_owned()));
            let body = json::error_body(&refusal, MessageKey::Lower);
            Answer::new(STATUS, "application/x-amz-json-1.1", body)
        }
    };
    let mut response = answer.into_response(&request_id);
    response.headers_mut().insert(RETRY_AFTER, SOON);
    response
}

/// The XML namespace of the service that is meant.
fn namespace_of(request: &Request) -> Option<&'static str> {
    let parameters = match request.method {
        Method::GET => request.query.as_bytes(),
        _ => &request.body,
    };
    let service = wire::query::parse(parameters)
        .map_or(&crate::sts::SERVICE, |parsed| query::service_of(&parsed));
    match service.protocol {
        Protocol::Query { namespace, .. } => Some(namespace),
        Protocol::Json { .. } | Protocol::RestJson { .. } => None,
    }
}

const STATUS: u16 = 503;
const CODE: &str = "ServiceUnavailable";
const SOON: HeaderValue = HeaderValue::from_static("5");

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;
    use std::net::IpAddr;

    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, buf: &mut [u8]) {
            buf.fill(0);
        }
    }

    fn answer(content_type: &str, body: &'static [u8]) -> (u16, HeaderMap, String) {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", content_type.parse().unwrap());
        let request = Request {
            method: Method::POST,
            path: String::from("/"),
            query: String::new(),
            headers,
            body: Bytes::from_static(body),
            source_ip: IpAddr::from([127, 0, 0, 1]),
            is_secure: true,
            endpoint: None,
        };
        let response = unavailable(&request, "the server is sealed", &Zeros);
        let body = String::from_utf8(response.body().to_vec()).unwrap();
        (response.status().as_u16(), response.headers().clone(), body)
    }

    #[test]
    fn json_is_answered_in_json() {
        let (status, headers, body) = answer("application/x-amz-json-1.1", b"{}");

        assert_eq!(status, 503);
        assert_eq!(headers["content-type"], "application/x-amz-json-1.1");
        assert_eq!(headers["x-amzn-requestid"], REQUEST_ID);
        assert_eq!(headers["retry-after"], "5");
        assert_eq!(
            body,
            r#"{"__type":"ServiceUnavailable","message":"the server is sealed"}"#
        );
    }

    #[test]
    fn a_query_is_answered_in_the_xml_of_its_service() {
        for (form, namespace) in [
            (
                &b"Action=ListUsers&Version=2010-05-08"[..],
                "https://iam.amazonaws.com/doc/2010-05-08/",
            ),
            (
                b"Action=GetCallerIdentity",
                "https://sts.amazonaws.com/doc/2011-06-15/",
            ),
            (b"", "https://sts.amazonaws.com/doc/2011-06-15/"),
        ] {
            let (status, headers, body) = answer("application/x-www-form-urlencoded", form);

            assert_eq!(
                (status, &headers["content-type"]),
                (503, &HeaderValue::from_static("text/xml"))
            );
            assert_eq!(
                body,
                format!(
                    "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>Receiver</Type>\
                     <Code>ServiceUnavailable</Code><Message>the server is sealed</Message></Error>\
                     <RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
                )
            );
        }
    }

    #[test]
    fn whatever_else_comes_is_answered_too() {
        let (status, _, body) = answer("text/plain", b"hello");

        assert_eq!(status, 503);
        assert!(body.contains("ServiceUnavailable"));
    }

    const REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";
}
