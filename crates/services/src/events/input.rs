//! What a target is told of an event.
//!
//! A path is `$`, names after dots, and indexes in brackets. In a template `<name>` stands for what the
//! path of that name finds: inside quotes its text, outside of them its JSON.
//!
//! SECURITY: what comes from an event is escaped as JSON, so that it cannot end the quotes that it stands
//! in. A template may name the whole event thousands of times, so that what is made of it is bounded.

use super::error::Error;
use super::records::Input;
use super::shapes::GivenTarget;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What `target` asks to be told.
///
/// # Errors
/// [`Error::Validation`] for more than one way, or one that cannot be.
pub(super) fn parse(target: &GivenTarget) -> Result<Input, Error> {
    match (&target.input, &target.path, &target.transformer) {
        (None, None, None) => Ok(Input::Event),
        (Some(input), None, None) => match serde_json::from_str::<Value>(input) {
            Ok(_) => Ok(Input::Constant(input.clone())),
            Err(_) => Err(Error::invalid("Input", "it is no JSON text")),
        },
        (None, Some(path), None) => {
            check_path(path)?;
            Ok(Input::Path(path.clone()))
        }
        (None, None, Some(transformer)) => {
            let paths = transformer.paths.clone().unwrap_or_default();
            if paths.len() > MOST_PATHS {
                return Err(Error::invalid(
                    "InputPathsMap",
                    "it has more than 100 paths",
                ));
            }
            for (name, path) in &paths {
                check_name(name)?;
                check_path(path)?;
            }
            Ok(Input::Template {
                paths,
                template: transformer.template.clone(),
            })
        }
        _ => {
            let text =
                "Only one of Input, InputPath, or InputTransformer must be provided for target";
            Err(Error::Validation(format!("{text} {}.", target.id)))
        }
    }
}

/// What the rule is called in a template.
pub(super) struct Naming<'a> {
    pub(super) rule_arn: &'a str,
    pub(super) rule_name: &'a str,
}

/// The text for a target that asks for `input`. `None`: it would be too large.
pub(super) fn render(input: &Input, event: &Value, naming: &Naming<'_>) -> Option<String> {
    let text = match input {
        Input::Event => event.to_string(),
        Input::Constant(text) => text.clone(),
        Input::Path(path) => find(event, path).unwrap_or(&Value::Null).to_string(),
        Input::Template { paths, template } => fill(template, paths, event, naming)?,
    };
    (text.len() <= LARGEST).then_some(text)
}

fn fill(
    template: &str,
    paths: &BTreeMap<String, String>,
    event: &Value,
    naming: &Naming<'_>,
) -> Option<String> {
    let mut filled = String::with_capacity(template.len());
    let mut is_quoted = false;
    let mut rest = template;
    while let Some(letter) = rest.chars().next() {
        if letter == '<'
            && let Some((name, behind)) = rest.get(1..).and_then(|rest| rest.split_once('>'))
            && let Some(value) = value_of(name, paths, event, naming)
        {
            match is_quoted {
                true => push_inside(&mut filled, &value),
                false => filled.push_str(&value.to_string()),
            }
            if filled.len() > LARGEST {
                return None;
            }
            rest = behind;
            continue;
        }
        let mut taken = letter.len_utf8();
        match letter {
            '"' => is_quoted = !is_quoted,
            // What is escaped ends no quotes.
            '\\' if is_quoted => {
                taken += rest
                    .get(1..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(0, char::len_utf8);
            }
            _ => {}
        }
        filled.push_str(rest.get(..taken).unwrap_or_default());
        rest = rest.get(taken..).unwrap_or_default();
    }
    Some(filled)
}

/// What `<name>` stands for. `None`: nothing is called so.
fn value_of<'a>(
    name: &str,
    paths: &BTreeMap<String, String>,
    event: &'a Value,
    naming: &Naming<'_>,
) -> Option<Cow<'a, Value>> {
    match name {
        "aws.events.rule-arn" => Some(Cow::Owned(Value::from(naming.rule_arn))),
        "aws.events.rule-name" => Some(Cow::Owned(Value::from(naming.rule_name))),
        "aws.events.event.ingestion-time" => event.get("time").map(Cow::Borrowed),
        "aws.events.event" | "aws.events.event.json" => Some(Cow::Borrowed(event)),
        _ => {
            let path = paths.get(name)?;
            Some(Cow::Borrowed(find(event, path).unwrap_or(&Value::Null)))
        }
    }
}

/// Writes a value inside quotes that are there already.
fn push_inside(filled: &mut String, value: &Value) {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let quoted = Value::String(text).to_string();
    let inside = quoted
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    filled.push_str(inside.unwrap_or_default());
}

/// What is at `path`.
pub(super) fn find<'a>(event: &'a Value, path: &str) -> Option<&'a Value> {
    let mut found = event;
    for step in steps(path)? {
        found = match step {
            Step::Member(name) => found.get(name)?,
            Step::Item(index) => found.get(index)?,
        };
    }
    Some(found)
}

enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

/// The steps of a path. `None`: it is none.
fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let path = path.strip_prefix('$')?;
    if path.is_empty() {
        return Some(Vec::new());
    }
    let mut steps = Vec::new();
    for part in path.strip_prefix('.')?.split('.') {
        let (name, indexes) = part.split_at(part.find('[').unwrap_or(part.len()));
        if name.is_empty() {
            return None;
        }
        steps.push(Step::Member(name));
        let mut rest = indexes;
        while !rest.is_empty() {
            let (index, behind) = rest.strip_prefix('[')?.split_once(']')?;
            steps.push(Step::Item(index.parse().ok()?));
            rest = behind;
        }
    }
    Some(steps)
}

/// Checks that `path` is one.
///
/// # Errors
/// [`Error::Validation`].
pub(super) fn check_path(path: &str) -> Result<(), Error> {
    let is_path = steps(path).is_some();
    is_path
        .then_some(())
        .ok_or_else(|| Error::Validation(format!("Invalid JSON path {path}.")))
}

fn check_name(name: &str) -> Result<(), Error> {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    let is_name = (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(is_allowed)
        && !name.to_ascii_lowercase().starts_with("aws");
    is_name.then_some(()).ok_or_else(|| {
        Error::invalid(
            "InputPathsMap",
            "a name has letters, digits, `_` and `-`, and does not begin with AWS",
        )
    })
}

/// 256 KiB, and what an event that was put with as much has beside.
pub(super) const LARGEST: usize = (256 << 10) + (1 << 10);
const MOST_PATHS: usize = 100;
const LONGEST_NAME: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const NAMING: Naming<'_> = Naming {
        rule_arn: "arn:r",
        rule_name: "r",
    };

    fn filled(template: &str, event: &Value) -> String {
        let paths = [
            ("name", "$.detail.name"),
            ("list", "$.detail.list"),
            ("second", "$.detail.list[1]"),
            ("none", "$.x.y"),
        ];
        let paths = paths
            .map(|(name, path)| (name.to_owned(), path.to_owned()))
            .into();
        let input = Input::Template {
            paths,
            template: template.to_owned(),
        };
        render(&input, event, &NAMING).unwrap()
    }

    #[test]
    fn a_template_is_filled_inside_and_outside_of_quotes() {
        let event = json!({ "time": "t", "detail": { "name": "a\"b", "list": [1, { "x": "y" }] } });

        for (template, expected) in [
            (r#""secret <name> is gone""#, r#""secret a\"b is gone""#),
            (
                r#"{"n":<name>,"l":<list>,"s":<second>}"#,
                r#"{"n":"a\"b","l":[1,{"x":"y"}],"s":{"x":"y"}}"#,
            ),
            (r#"{"n":"<none>","m":<none>}"#, r#"{"n":"","m":null}"#),
            (r#""<list>""#, r#""[1,{\"x\":\"y\"}]""#),
            (r#""\"<name>""#, r#""\"a\"b""#),
            (r#""<unknown> < <""#, r#""<unknown> < <""#),
            (
                r#""<aws.events.rule-name> <aws.events.rule-arn> <aws.events.event.ingestion-time>""#,
                r#""r arn:r t""#,
            ),
        ] {
            assert_eq!(filled(template, &event), expected, "{template}");
        }
    }

    #[test]
    fn a_part_of_the_event_is_found_by_its_path() {
        let event = json!({ "a": { "b": [[1], 2] } });

        for (path, expected) in [
            ("$", event.to_string()),
            ("$.a.b[1]", String::from("2")),
            ("$.a.b[0][0]", String::from("1")),
            ("$.a.c", String::from("null")),
        ] {
            assert_eq!(
                render(&Input::Path(path.to_owned()), &event, &NAMING),
                Some(expected)
            );
        }
        for path in ["", "a", "$a", "$.", "$.a..b", "$.a[x]", "$.a[0", "$[0]"] {
            assert!(check_path(path).is_err(), "{path}");
        }
    }

    #[test]
    fn a_template_cannot_make_more_of_an_event_than_its_size() {
        let event = json!({ "a": "\u{1}".repeat(40_000) });
        let template = |template: String| Input::Template {
            paths: [(String::from("a"), String::from("$"))].into(),
            template,
        };
        let quoted = template(format!("\"{}\"", "<a>".repeat(2_730)));
        let plain = template("<a>".repeat(2_730));
        let once = template(String::from("<a>"));

        let rendered = [&quoted, &plain, &once].map(|input| render(input, &event, &NAMING));

        assert_eq!(rendered, [None, None, Some(event.to_string())]);
    }

    proptest! {
        #[test]
        fn what_an_event_says_never_leaves_its_quotes(name in any::<String>()) {
            let event = json!({ "detail": { "name": name } });

            let read: Value = serde_json::from_str(&filled(r#"{"a":"<<name>>","b":<name>}"#, &event)).unwrap();

            prop_assert_eq!(&read["b"], &event["detail"]["name"]);
            prop_assert_eq!(read.as_object().unwrap().len(), 2);
        }
    }
}
