//! Which events are of interest: `field=value`, with dots and `*`.

use serde_json::Value;

/// One condition on an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    path: Vec<String>,
    pattern: String,
}

/// Reads a condition that an operator gave.
pub(crate) fn filter(text: &str) -> Result<Filter, String> {
    let read = text.split_once('=').map(|(field, pattern)| Filter {
        path: field.split('.').map(str::to_owned).collect(),
        pattern: pattern.to_owned(),
    });
    let whole = read.filter(|filter| filter.path.iter().all(|name| !name.is_empty()));
    whole.ok_or_else(|| String::from("write it like eventName=GetSecretValue or errorCode=*"))
}

impl Filter {
    /// Whether `event` has the field with a value that fits. A field that is null is not there.
    pub(crate) fn takes(&self, event: &Value) -> bool {
        takes(event, &self.path, &self.pattern)
    }
}

fn takes(value: &Value, path: &[String], pattern: &str) -> bool {
    if let Value::Array(items) = value {
        return items.iter().any(|item| takes(item, path, pattern));
    }
    match (path.split_first(), value) {
        (Some((name, rest)), _) => value
            .get(name)
            .is_some_and(|inner| takes(inner, rest, pattern)),
        (None, Value::Null) => false,
        (None, Value::String(text)) => fits(text, pattern),
        (None, other) => fits(&other.to_string(), pattern),
    }
}

/// Whether `text` is what `pattern` says, whose `*` stand for anything.
fn fits(text: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return text == pattern;
    };
    let Some(mut left) = text.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        match left.split_once(part) {
            Some((_, after)) => left = after,
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_field_is_found_by_its_path() {
        let event = json!({
            "eventName": "GetSecretValue",
            "readOnly": true,
            "errorCode": null,
            "userIdentity": { "arn": "arn:aws:iam::1:user/a=b" },
            "requestParameters": { "tags": [{ "key": "x" }, { "key": "y" }] },
        });
        let takes = |text| filter(text).unwrap().takes(&event);

        for text in [
            "eventName=GetSecretValue",
            "eventName=Get*",
            "readOnly=true",
            "userIdentity.arn=*user/a=b",
            "requestParameters.tags.key=y",
            "userIdentity=*",
        ] {
            assert!(takes(text), "{text}");
        }
        for text in [
            "eventName=Get",
            "errorCode=*",
            "userIdentity.type=*",
            "eventName.x=*",
            "requestParameters.tags.key=z",
        ] {
            assert!(!takes(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for text in ["", "x", "=x", "a..b=c", ".a=b"] {
            assert!(filter(text).is_err(), "{text}");
        }
    }

    /// A simpler twin.
    fn fits_naively(text: &[char], pattern: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|from| fits_naively(&text[from..], rest)),
            Some((one, rest)) => text.first() == Some(one) && fits_naively(&text[1..], rest),
        }
    }

    proptest! {
        #[test]
        fn stars_stand_for_anything(text in "[ab]{0,8}", pattern in "[ab*]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<char>>();

            prop_assert_eq!(fits(&text, &pattern), fits_naively(&chars(&text), &chars(&pattern)));
        }
    }
}
