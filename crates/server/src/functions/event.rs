//! The event that a rotation function is called with, as Secrets Manager sends it.
//!
//! SECURITY: read by the parser of requests, which leaves no copy of the rotation's token behind.

use base::Plaintext;
use wire::Input as _;

wire::input! {
    /// What is read of an event. Any member may be absent: a payload is whatever the caller sends.
    pub(super) struct Event {
        pub(super) secret_id: Option<String> = "SecretId" TEXT,
        /// The id of the version to be made.
        pub(super) token: Option<String> = "ClientRequestToken" TEXT,
        pub(super) rotation_token: Option<Plaintext> = "RotationToken" TOKEN,
        pub(super) step: Option<String> = "Step" TEXT,
    }
}

/// The event in `payload`, or `None`. The reader's own words repeat what it read, so there are none.
pub(super) fn read(payload: &Plaintext) -> Option<Event> {
    let parsed = wire::parse(Event::SHAPE, payload.expose()).ok()?;
    parsed.into_input().ok()
}

const TEXT: wire::Shape = wire::Shape::text(0, 2_048);
const TOKEN: wire::Shape = wire::Shape::text(0, 256).sensitive();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::fixtures::{plain, text};

    #[test]
    fn an_event_is_read_whatever_stands_beside_it() {
        let payload = plain(
            r#"{"Step":"createSecret","SecretId":"arn:s","Other":[1],"ClientRequestToken":"v2","RotationToken":"t"}"#,
        );

        let event = read(&payload).unwrap();

        assert_eq!(event.step.as_deref(), Some("createSecret"));
        assert_eq!(event.secret_id.as_deref(), Some("arn:s"));
        assert_eq!(event.token.as_deref(), Some("v2"));
        assert_eq!(
            event.rotation_token.as_ref().map(text).as_deref(),
            Some("t")
        );
    }

    #[test]
    fn what_is_no_event_of_a_rotation_has_no_token() {
        for payload in ["", "[]", "{}", r#"{"RotationToken":7}"#, "null"] {
            let token = read(&plain(payload)).and_then(|event| event.rotation_token);

            assert!(token.is_none(), "{payload}");
        }
    }
}
