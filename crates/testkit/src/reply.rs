use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

/// An answer, to be asserted whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type`.
    pub content_type: String,
    /// The `x-amzn-RequestId`.
    pub request_id: String,
    /// The body as it was sent.
    pub text: String,
    /// What decided, for callers who may have it explained.
    pub decision: Option<String>,
    /// The name of the exception, where a header tells it.
    pub error_type: Option<String>,
    /// The headers.
    pub headers: http::HeaderMap,
    /// How the service names the text of its errors, denials apart.
    pub text_member: &'static str,
}

impl Reply {
    /// Reads a response of the gateway.
    pub fn of(response: &Response<Bytes>) -> Self {
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        Self {
            status: response.status().as_u16(),
            content_type: header("content-type").expect("an answer has a content type"),
            request_id: header("x-amzn-requestid").expect("an answer has a request id"),
            decision: header("x-strongroom-decision"),
            error_type: header("x-amzn-errortype"),
            headers: response.headers().clone(),
            text_member: DENIAL_MEMBER,
            text: String::from_utf8(response.body().to_vec()).expect("an answer is text"),
        }
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("the body is JSON")
    }

    /// The body of a success. Panics otherwise.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        assert_eq!(self.content_type, "application/x-amz-json-1.1");
        self.json()
    }

    /// Asserts that a service refused with this exception and text, and HTTP 400.
    #[track_caller]
    pub fn refused(&self, code: &str, message: &str) {
        let member = match code {
            "AccessDeniedException" => DENIAL_MEMBER,
            _ => self.text_member,
        };
        let expected = json!({ "__type": code, member: message });
        assert_eq!((self.status, self.json()), (400, expected));
    }

    /// Asserts that the front end refused with this exception and text, and HTTP 400.
    #[track_caller]
    pub fn rejected(&self, code: &str, message: Option<&str>) {
        let expected = match message {
            Some(message) => json!({ "__type": code, "message": message }),
            None => json!({ "__type": code }),
        };
        assert_eq!((self.status, self.json()), (400, expected));
    }

    /// The body as XML, read by the rules of `xml.rs`: the content of the root element.
    pub fn xml(&self) -> Value {
        crate::xml::read(&self.text)
    }

    /// The body of a success of a Query service, request id apart. Panics otherwise.
    #[track_caller]
    pub fn xml_ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        assert_eq!(self.content_type, "text/xml");
        let mut body = self.xml();
        body.as_object_mut().unwrap().remove("ResponseMetadata");
        body
    }

    /// Asserts that a Query service refused with this status, exception and text.
    #[track_caller]
    pub fn xml_refused(&self, status: u16, code: &str, message: &str) {
        let error = &self.xml()["Error"];
        assert_eq!(
            (self.status, &error["Code"], &error["Message"]),
            (status, &json!(code), &json!(message))
        );
    }
}

/// How services name the text of a denial.
const DENIAL_MEMBER: &str = "Message";
