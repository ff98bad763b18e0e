use crate::json::{Array, Object, Writer};
use crate::parse::Parsed;
use crate::path::LowerCamel;
use crate::value::{Members, Value};
use std::collections::BTreeMap;

impl Parsed {
    /// The request parameters of the audit record: one JSON object with the audited members, their
    /// names in lower-camel case, as CloudTrail writes them.
    ///
    /// Can be had before validation, so that a refused request is recorded with what it asked for.
    ///
    /// SECURITY: a member is left out unless its declaration says `audited`, and that does not
    /// compile for a member with a confidential part; a secret is passed over here all the same.
    pub fn request_parameters(&self) -> String {
        Writer::public_object(|object| write_members(&self.members, object))
    }
}

fn write_members(members: &Members, object: &mut Object<'_>) {
    for (member, value) in members.iter() {
        let Some(value) = value.filter(|_| member.audited) else {
            continue;
        };
        write_value(&LowerCamel(member.name).to_string(), value, object);
    }
}

/// The keys stand as they were sent: they are data.
fn write_map(values: &BTreeMap<String, Value>, object: &mut Object<'_>) {
    for (key, value) in values {
        write_value(key, value, object);
    }
}

fn write_value(key: &str, value: &Value, object: &mut Object<'_>) {
    match value {
        Value::Null | Value::Secret(_) => {}
        Value::Text(text) => object.text(key, text),
        Value::Integer(number) => object.integer(key, *number),
        Value::Double(number) => object.double(key, *number),
        Value::Timestamp(moment) => object.text(key, &moment.to_cloudtrail()),
        Value::Boolean(truth) => object.boolean(key, *truth),
        Value::List(items) => object.array(key, |array| write_items(items, array)),
        Value::Map(values) => object.object(key, |inner| write_map(values, inner)),
        Value::Structure(members) => object.object(key, |inner| write_members(members, inner)),
    }
}

fn write_items(items: &[Value], array: &mut Array<'_>) {
    for item in items {
        match item {
            Value::Null | Value::Secret(_) => {}
            Value::Text(text) => array.text(text),
            Value::Integer(number) => array.integer(*number),
            Value::Double(number) => array.double(*number),
            Value::Timestamp(moment) => array.text(&moment.to_cloudtrail()),
            Value::Boolean(truth) => array.boolean(*truth),
            Value::List(items) => array.array(|inner| write_items(items, inner)),
            Value::Map(values) => array.object(|inner| write_map(values, inner)),
            Value::Structure(members) => array.object(|inner| write_members(members, inner)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Everything, parsed};
    use crate::{Input, probe};
    use serde_json::{Value, json};

    fn parameters(body: &Value) -> Value {
        serde_json::from_str(&parsed(&body.to_string()).request_parameters()).unwrap()
    }

    #[test]
    fn audited_members_are_shown_in_lower_camel_case() {
        let shown = parameters(&probe::complete(Everything::SHAPE));

        assert_eq!(
            shown,
            json!({
                "secretId": "x",
                "requiredNames": ["x"],
                "duration": "3h",
                "sortOrder": "asc",
                "note": "x",
                "limit": -3,
                "anyNumber": 1,
                "force": true,
                "tags": [{"key": "x", "hosts": ["x"]}],
                "rotationRules": {"afterDays": 1, "duration": "3h", "force": true},
            })
        );
    }

    #[test]
    fn a_request_that_is_not_valid_is_shown_too() {
        let shown = parameters(&json!({"SecretId": "", "Names": [null], "Tags": [{}, null]}));

        assert_eq!(shown, json!({"secretId": "", "tags": [{}]}));
    }

    #[test]
    fn nothing_asked_is_an_empty_object() {
        assert_eq!(parsed("{}").request_parameters(), "{}");
    }

    #[test]
    fn what_is_shown_is_escaped() {
        let shown = parsed(r#"{"SecretId":"\"\u0000\n\\"}"#).request_parameters();

        assert_eq!(shown, r#"{"secretId":"\"\u0000\n\\"}"#);
    }

    #[test]
    fn no_secret_and_nothing_unmarked_is_shown() {
        let shown = parsed(
            &json!({
                "SecretString": "CANARY",
                "SecretBinary": "CANARYCA",
                "RotationToken": "CANARY",
                "Values": ["CANARY"],
                "Login": {"User": "CANARY", "Password": "CANARY"},
                "Hidden": "CANARY",
                "Names": ["CANARY"],
                "Tags": [{"Value": "CANARY", "CANARY": 1}],
                "CANARY": "CANARY",
            })
            .to_string(),
        )
        .request_parameters();

        assert_eq!(shown, r#"{"tags":[{}]}"#);
    }
}
