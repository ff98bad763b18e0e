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
