use serde_json::Value;

/// A request token of 36 characters, a different one for each `n`.
pub fn token(n: usize) -> String {
    format!("{n:08}-0000-4000-8000-000000000000")
}

/// `body` with the members of `more` set over it; a `null` removes one.
pub fn with(mut body: Value, more: Value) -> Value {
    let members = body.as_object_mut().expect("a request is an object");
    let Value::Object(more) = more else {
        panic!("what is set over a request is an object")
    };
    for (name, value) in more {
        if value.is_null() {
            members.remove(&name);
        } else {
            members.insert(name, value);
        }
    }
    body
}

/// The body of a Query request.
pub fn form(action: &str, version: &str, parameters: &[(&str, &str)]) -> String {
    let mut body = format!("Action={action}&Version={version}");
    for (name, value) in parameters {
        body.push('&');
        body.push_str(&encoded(name));
        body.push('=');
        body.push_str(&encoded(value));
    }
    body
}

fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
