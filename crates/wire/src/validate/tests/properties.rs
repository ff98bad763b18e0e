use super::*;
use crate::shape::{Shape, Structure};
use proptest::prelude::*;
use serde_json::Map;

/// A document with all that is required, its values in and out of bounds.
fn any_document(shape: &'static Structure) -> BoxedStrategy<Value> {
    let values: Vec<_> = shape
        .members
        .iter()
        .map(|member| prop::option::weighted(0.7, any_value(member.shape)))
        .collect();
    values
        .prop_map(|values| {
            let names = shape.members.iter().map(|member| member.name.to_owned());
            let fields: Map<_, _> = names
                .zip(values)
                .filter_map(|(name, value)| Some((name, value?)))
                .collect();
            Value::Object(fields)
        })
        .boxed()
}

fn any_value(shape: &'static Shape) -> BoxedStrategy<Value> {
    match shape {
        Shape::Text(_) => prop_oneof![
            Just("3h"),
            Just("asc"),
            Just(""),
            Just("é3"),
            Just("x;y, z]'h")
        ]
        .prop_map(Value::from)
        .boxed(),
        Shape::Blob { .. } => (0_usize..9)
            .prop_map(|length| json!(data_encoding::BASE64.encode(&vec![0; length])))
            .boxed(),
        Shape::Integer(_) => prop_oneof![-5_i64..8, 999_i64..1_002]
            .prop_map(Value::from)
            .boxed(),
        Shape::Double | Shape::Timestamp => any::<f64>().prop_map(Value::from).boxed(),
        Shape::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Shape::List(list) => prop::collection::vec(
            prop_oneof![9 => any_value(list.item), 1 => Just(Value::Null)],
            0..4,
        )
        .prop_map(Value::from)
        .boxed(),
        Shape::Map(map) => prop::collection::btree_map(
            "[a-cA]{0,2}",
            prop_oneof![9 => any_value(map.value), 1 => Just(Value::Null)],
            0..4,
        )
        .prop_map(|values| Value::Object(values.into_iter().collect()))
        .boxed(),
        Shape::Structure(structure) => any_document(structure),
    }
}

/// The path and the rule of every violation, read from the tree of the document.
fn naive(document: Option<&Value>, shape: &Shape, required: bool, path: &str) -> Vec<String> {
    let failed =
        |rule: String| format!("at '{path}' failed to satisfy constraint: Member must {rule}");
    let Some(value) = document.filter(|value| !value.is_null()) else {
        return Vec::from_iter(required.then(|| failed("not be null".into())));
    };
    match (shape, value) {
        (Shape::Text(rules), Value::String(text)) => {
            let length = match rules.unit {
                crate::Unit::Bytes => text.len(),
                crate::Unit::Characters => text.chars().count(),
            };
            let mut broken = naive_length(length, rules.min, rules.max);
            if rules
                .pattern
                .is_some_and(|pattern| !(pattern.matches)(text))
            {
                broken.push("satisfy regular expression pattern: [0-9]+h".into());
            }
            if rules.one_of.len() == 2 && text != "asc" && text != "desc" {
                broken.push("satisfy enum value set: [asc, desc]".into());
            }
            broken.into_iter().map(failed).collect()
        }
        (Shape::Blob { min, max, .. }, Value::String(text)) => {
            let bytes = data_encoding::BASE64.decode(text.as_bytes()).unwrap();
            naive_length(bytes.len(), *min, *max)
                .into_iter()
                .map(failed)
                .collect()
        }
        (Shape::Integer(rules), Value::Number(number)) => {
            let number = number.as_i64().unwrap();
            let (min, max) = (rules.min.unwrap_or(i64::MIN), rules.max.unwrap_or(i64::MAX));
            naive_range(number < min, min, number > max, max, "value")
                .into_iter()
                .map(failed)
                .collect()
        }
        (Shape::List(rules), Value::Array(items)) => {
            let own = naive_length(items.len(), rules.min, rules.max);
            let inner = items.iter().enumerate().flat_map(|(index, item)| {
                let path = format!("{path}.{}.member", index + 1);
                naive(Some(item), rules.item, true, &path)
            });
            own.into_iter().map(failed).chain(inner).collect()
        }
        (Shape::Map(map), Value::Object(fields)) => fields
            .iter()
            .flat_map(|(key, value)| {
                naive(
                    Some(value),
                    map.value,
                    true,
                    &format!("{path}.{key}.member"),
                )
            })
            .collect(),
        (Shape::Structure(structure), _) => naive_members(value, structure, path),
        _ => Vec::new(),
    }
}

fn naive_members(document: &Value, structure: &Structure, path: &str) -> Vec<String> {
    let members = structure.members.iter();
    members
        .flat_map(|member| {
            let (first, rest) = member.name.split_at(1);
            let name = first.to_lowercase() + rest;
            let path = if path.is_empty() {
                name
            } else {
                format!("{path}.{name}")
            };
            naive(
                document.get(member.name),
                member.shape,
                member.required,
                &path,
            )
        })
        .collect()
}

fn naive_length(length: usize, min: usize, max: usize) -> Vec<String> {
    naive_range(length < min, min, length > max, max, "length")
}

fn naive_range<T: ToString>(below: bool, min: T, above: bool, max: T, what: &str) -> Vec<String> {
    let least = below.then(|| format!("have {what} greater than or equal to {}", min.to_string()));
    let most = above.then(|| format!("have {what} less than or equal to {}", max.to_string()));
    least.into_iter().chain(most).collect()
}

/// A refusal's violations without the values that they show.
fn without_values(text: &str) -> Vec<String> {
    let (_, violations) = text.split_once(" detected: ").unwrap();
    violations
        .split("; Value")
        .map(|violation| {
            violation
                .split_at(violation.find("at '").unwrap())
                .1
                .to_owned()
        })
        .collect()
}

proptest! {
    #[test]
    fn the_violations_are_those_of_a_naive_reading(document in any_document(Everything::SHAPE)) {
        let expected = naive_members(&document, Everything::SHAPE, "");

        let refusal = rejected(document.to_string().as_bytes());

        match refusal {
            None => prop_assert_eq!(expected, Vec::<String>::new()),
            Some(Rejection::Validation(text)) => {
                let plural = if expected.len() == 1 { "" } else { "s" };
                let start = format!("{} validation error{plural} detected: Value", expected.len());
                prop_assert!(text.starts_with(&start), "{}", text);
                prop_assert_eq!(without_values(&text), expected);
            }
            Some(other) => prop_assert!(false, "{:?}", other),
        }
    }
}
