//! The refusal of a server that serves nobody: it is sealed.
//!
//! There are no services then, no accounts and no audit sink, so nothing is asked of the request but
//! what it wants and in which protocol. Nobody is known to have sent it.

use super::call::{Answer, Call, LONGEST_ECHO, Progress, UNKNOWN};
use super::refusal::Refusal;
use super::{Form, Request, cbor, json, query, rest, several};
use crate::audit::{self, Outcome};
use crate::operation::Entry;
use crate::service::{Chosen, Protocol, Service};
use base::{Entropy, Timestamp, random_uuid};
use bytes::Bytes;
use http::{HeaderValue, Method, Response, header::RETRY_AFTER};
use wire::json::MessageKey;
use wire::query::error_response;

/// A refusal, and what is to be written down of it.
pub struct Unavailable {
    /// The answer.
    pub answer: Response<Bytes>,
    /// Its audit event: a JSON object without a newline.
    pub event: Vec<u8>,
}

/// AWS's 503, in the protocol of `request`, with `message` as its text.
pub fn unavailable(
    request: &Request,
    message: &str,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Unavailable {
    let call = Call::at(now, request, entropy);
    let asked = Asked::of(&call);
    let refusal = Refusal::front_end(CODE, STATUS, Some(message.to_owned()));
    let answer = match asked.protocol {
        Some(Protocol::Query { namespace, .. }) => Answer::new(
            STATUS,
            "text/xml",
            error_response(namespace, STATUS, CODE, message, &call.request_id),
        ),
        Some(Protocol::RestJson { .. }) => {
            Answer::new(STATUS, rest::CONTENT_TYPE, rest::error_body(&refusal, &[]))
                .with([rest::error_type(&refusal)])
        }
        Some(Protocol::Cbor(several)) => {
            let body = cbor::error_body(several, &refusal);
            Answer::new(STATUS, cbor::CONTENT_TYPE, body)
                .with([(cbor::HEADER, cbor::PROTOCOL.to_owned())])
        }
        Some(Protocol::Several(several)) => {
            let body = several::error_body(several, &refusal);
            Answer::new(STATUS, several::CONTENT_TYPE, body)
        }
        Some(Protocol::Json { .. }) | None => {
            let body = json::error_body(&refusal, MessageKey::Lower);
            Answer::new(STATUS, "application/x-amz-json-1.1", body)
        }
    };
    let mut answer = answer.into_response(&call.request_id);
    answer.headers_mut().insert(RETRY_AFTER, SOON);
    let outcome = Outcome {
        error: Some((CODE, message)),
        ..Outcome::default()
    };
    let facts = asked.progress();
    let event = audit::api_call(&call.facts(&facts), &random_uuid(entropy), outcome);
    Unavailable { answer, event }
}

/// What a request says that it wants.
struct Asked {
    service: Option<&'static Service>,
    protocol: Option<Protocol>,
    entry: Option<&'static Entry>,
    name: String,
}

impl Asked {
    fn of(call: &Call<'_>) -> Self {
        match Form::of(call.request) {
            Some(Form::Json) => {
                let (service, entry, name) = json::meant(call);
                Self::named(service, service.protocol, entry, name)
            }
            Some(Form::JsonOfSeveral) => {
                let (service, entry, name) = several::meant(call);
                Self::named(service, service.protocol, entry, name)
            }
            Some(Form::Cbor(service)) => {
                let (entry, name) = cbor::named(call, service);
                Self::named(service, service.protocol_of(Chosen::Cbor), entry, name)
            }
            Some(Form::Query) => Self::of_query(call.request),
            Some(Form::Rest(service, entry)) => {
                let name = entry.info.event_name.to_owned();
                Self::named(service, service.protocol, Some(entry), name)
            }
            None => Self {
                service: None,
                protocol: None,
                entry: None,
                name: UNKNOWN.to_owned(),
            },
        }
    }

    fn named(
        service: &'static Service,
        protocol: Protocol,
        entry: Option<&'static Entry>,
        name: String,
    ) -> Self {
        Self {
            service: Some(service),
            protocol: Some(protocol),
            entry,
            name,
        }
    }

    fn of_query(request: &Request) -> Self {
        let parameters = match request.method {
            Method::GET => request.query.as_bytes(),
            _ => &request.body,
        };
        let parsed = wire::query::parse(parameters).ok();
        let action = parsed.as_ref().map_or("", |parsed| parsed.action());
        let service = parsed
            .as_ref()
            .map_or(&crate::sts::SERVICE, query::service_of);
        let name = if action.is_empty() { UNKNOWN } else { action };
        let name = name.chars().take(LONGEST_ECHO).collect();
        let protocol = service.protocol_of(Chosen::Query);
        Self::named(service, protocol, service.find(action), name)
    }

    fn progress(&self) -> Progress<'static> {
        Progress {
            event_source: self.service.map_or(UNKNOWN, |service| service.event_source),
            event_name: self.name.clone(),
            read_only: self.entry.is_some_and(|entry| entry.info.read_only),
            ..Progress::default()
        }
    }
}

const STATUS: u16 = 503;
const CODE: &str = "ServiceUnavailable";
const SOON: HeaderValue = HeaderValue::from_static("5");

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;
    use serde_json::{Value, json};
    use std::net::IpAddr;

    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, buf: &mut [u8]) {
            buf.fill(0);
        }
    }

    fn request(content_type: &str, body: &'static [u8]) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", content_type.parse().unwrap());
        headers.insert("user-agent", "aws-cli/2".parse().unwrap());
        Request {
            method: Method::POST,
            path: String::from("/"),
            query: String::new(),
            headers,
            body: Bytes::from_static(body),
            source_ip: IpAddr::from([127, 0, 0, 1]),
            is_secure: true,
            endpoint: None,
        }
    }

    fn event(request: &Request) -> Value {
        let refusal = unavailable(request, "the server is sealed", NOW, &Zeros);
        serde_json::from_slice(&refusal.event).unwrap()
    }

    fn answer(content_type: &str, body: &'static [u8]) -> (u16, HeaderMap, String) {
        let request = request(content_type, body);
        let response = unavailable(&request, "the server is sealed", NOW, &Zeros).answer;
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

    #[test]
    fn the_event_says_what_was_asked_and_that_nobody_is_known() {
        let mut request = request("application/x-amz-json-1.1", b"{\"SecretId\":\"db\"}");
        let target = "secretsmanager.GetSecretValue".parse().unwrap();
        request.headers.insert("x-amz-target", target);

        let event = event(&request);

        assert_eq!(
            event,
            json!({
                "eventVersion": "1.08",
                "userIdentity": { "type": "Unknown" },
                "eventTime": "2015-08-30T12:36:00Z",
                "eventSource": "secretsmanager.amazonaws.com",
                "eventName": "GetSecretValue",
                "awsRegion": "unknown",
                "sourceIPAddress": "127.0.0.1",
                "userAgent": "aws-cli/2",
                "errorCode": "ServiceUnavailable",
                "errorMessage": "the server is sealed",
                "requestParameters": null,
                "responseElements": null,
                "requestID": REQUEST_ID,
                "eventID": REQUEST_ID,
                "readOnly": true,
                "eventType": "AwsApiCall",
                "managementEvent": true,
                "eventCategory": "Management",
            })
        );
    }

    #[test]
    fn the_event_of_whatever_else_comes_is_bounded() {
        let form = "application/x-www-form-urlencoded";
        let (long, echoed) = ("x".repeat(9_000), "x".repeat(LONGEST_ECHO));
        let mut targeted = request("application/x-amz-json-1.1", b"{}");
        targeted
            .headers
            .insert("x-amz-target", long.parse().unwrap());
        targeted.headers.insert("user-agent", long.parse().unwrap());
        for (request, source, name) in [
            (
                request(form, b"Action=ListUsers&Version=2010-05-08"),
                "iam.amazonaws.com",
                "ListUsers",
            ),
            (request(form, b""), "sts.amazonaws.com", "unknown"),
            (request("text/plain", b"hello"), "unknown", "unknown"),
            (targeted, "secretsmanager.amazonaws.com", &echoed),
        ] {
            let event = event(&request);

            assert_eq!(
                (&event["eventSource"], &event["eventName"]),
                (&json!(source), &json!(name))
            );
            assert!(event["userAgent"].as_str().unwrap().len() <= LONGEST_ECHO);
        }
    }

    const NOW: Timestamp = Timestamp::from_millis(1_440_938_160_000);
    const REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";
}
