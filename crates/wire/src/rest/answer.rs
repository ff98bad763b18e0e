//! Answers: status, headers and body.

use crate::buffer::Body;
use crate::json::{MessageKey, Output, Writer};

/// What an operation answers beyond JSON with the status it declares.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers, their names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Body,
}

impl Answer {
    /// An answer of `body` alone.
    pub fn new(status: u16, body: Body) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
        }
    }

    /// The same, with a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The output of an operation that answers nothing but its status.
pub struct NoContent;

impl Output for NoContent {
    fn write(&self, _: &mut crate::json::Object<'_>) {}
}

/// Whose mistake an error is, as `Type` says it. Errors of the front end do not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The caller's.
    User,
    /// Ours.
    Service,
}

/// The body of an error, whose name stands in a header: `{"Type":"User","Message":"…"}`.
pub fn error_body(fault: Option<Fault>, message: Option<&str>, key: MessageKey) -> Body {
    Writer::public(|object| {
        let fault = fault.map(|fault| match fault {
            Fault::User => "User",
            Fault::Service => "Service",
        });
        object.opt_text("Type", fault);
        object.opt_text(key.name(), message);
    })
}
