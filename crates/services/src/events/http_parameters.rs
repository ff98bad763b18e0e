//! What a target adds to the requests to its API destination.
//!
//! COMPAT: a value that begins with `$.`, or is `$`, is a path into the event, as AWS has it for API gateways.
//!
//! SECURITY: what an event says is as little to be trusted as what a caller says: a value that could not have
//! been given is not sent, and what it does to the URL is for `request.rs` to escape.

use super::error::Error;
use super::headers;
use super::http_shapes::GivenHttpParameters;
use super::input::{check_path, find};
use super::records::HttpParameters;
use serde_json::Value;

/// The parameters that `given` asks for.
///
/// # Errors
/// [`Error::Validation`] for too many or too large ones, and for what cannot be sent.
pub(super) fn parse(given: &GivenHttpParameters) -> Result<HttpParameters, Error> {
    let parameters = HttpParameters {
        path: given.path.clone().unwrap_or_default(),
        headers: given.headers.clone().unwrap_or_default(),
        query: given.query.clone().unwrap_or_default(),
    };
    let refused = |name: &str, reason: &str| Error::invalid(name, reason);
    if !parameters.headers.keys().all(|key| headers::is_name(key)) {
        return Err(refused(
            "HeaderParameters",
            "A key cannot be sent as a header.",
        ));
    }
    if !parameters.query.keys().all(|key| is_text(key)) {
        return Err(refused(
            "QueryStringParameters",
            "A key cannot be sent in a query.",
        ));
    }
    let counts = [
        parameters.path.len(),
        parameters.headers.len(),
        parameters.query.len(),
    ];
    if counts.iter().any(|count| *count > MOST) || parameters.weight() > MOST_BYTES {
        return Err(refused(
            "HttpParameters",
            "There are at most 100 of each kind, and 16 KiB of all.",
        ));
    }
    let pairs = parameters.headers.values().chain(parameters.query.values());
    for value in parameters.path.iter().chain(pairs) {
        if is_path(value) {
            check_path(value)?;
        }
    }
    Ok(parameters)
}

/// Parameters with their values.
#[derive(Default)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(super) struct Resolved {
    pub(super) path: Vec<String>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
}

/// The parameters for this event. `None`: one has no value that could be sent.
pub(super) fn resolve(parameters: &HttpParameters, event: &Value) -> Option<Resolved> {
    let path = parameters.path.iter().map(|value| {
        let value = resolved(value, event)?;
        (is_text(&value) && !value.trim().is_empty()).then_some(value)
    });
    let headers = parameters.headers.iter().map(|(key, value)| {
        let value = resolved(value, event)?;
        headers::is_value(&value).then(|| (key.clone(), value))
    });
    let query = parameters.query.iter().map(|(key, value)| {
        let value = resolved(value, event)?;
        Some((key.clone(), value))
    });
    Some(Resolved {
        path: path.collect::<Option<_>>()?,
        headers: headers.collect::<Option<_>>()?,
        query: query.collect::<Option<_>>()?,
    })
}

fn resolved(value: &str, event: &Value) -> Option<String> {
    if !is_path(value) {
        return Some(value.to_owned());
    }
    let text = match find(event, value)? {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    (text.len() <= LONGEST).then_some(text)
}

fn is_path(value: &str) -> bool {
    value == "$" || value.starts_with("$.")
}

fn is_text(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && !text.contains(char::is_control)
}

/// Of each kind.
const MOST: usize = 100;
const MOST_BYTES: usize = 16 << 10;
/// As long as AWS lets a value be.
const LONGEST: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parameters(path: &[&str], header: &str, query: &str) -> HttpParameters {
        let pair = |key: &str, value: &str| [(key.to_owned(), value.to_owned())].into();
        HttpParameters {
            path: path.iter().map(|&one| one.to_owned()).collect(),
            headers: pair("x-of", header),
            query: pair("of", query),
        }
    }

    #[test]
    fn a_value_may_be_a_part_of_the_event() {
        let event = json!({ "id": "7", "detail": { "n": [1, "x"], "name": "a/b" } });
        let given = parameters(&["fixed", "$.detail.name"], "$.id", "$.detail.n");

        let resolved = resolve(&given, &event).unwrap();

        let pair = |key: &str, value: &str| vec![(key.to_owned(), value.to_owned())];
        let expected = Resolved {
            path: vec![String::from("fixed"), String::from("a/b")],
            headers: pair("x-of", "7"),
            query: pair("of", r#"[1,"x"]"#),
        };
        assert_eq!(resolved, expected);
    }

    #[test]
    fn what_an_event_says_is_sent_as_far_as_it_could_have_been_given() {
        for (place, said) in [
            ("header", json!("a\r\nx-admin: 1")),
            ("header", json!("")),
            ("header", json!("é")),
            ("header", Value::Null),
            ("header", json!("x".repeat(LONGEST + 1))),
            ("path", json!(" ")),
            ("path", json!("a\nb")),
            ("query", json!("x".repeat(LONGEST + 1))),
            ("query", Value::Null),
        ] {
            let event = json!({ "said": said });
            let given = match place {
                "header" => parameters(&[], "$.said", "x"),
                "path" => parameters(&["$.said"], "x", "x"),
                _ => parameters(&[], "x", "$.said"),
            };

            assert_eq!(resolve(&given, &event), None, "{place} {event}");
        }
        assert_eq!(resolve(&parameters(&[], "$.no", "x"), &json!({})), None);
    }
}
