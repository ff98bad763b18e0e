//! XML answers as JSON values, so that tests can assert them whole.

use roxmltree::{Document, Node};
use serde_json::{Map, Value};

/// The content of the root element: elements become members, `member` elements a list, `entry` elements
/// with a `key` and a `value` members again, text a string, and an empty element an empty string.
pub(crate) fn read(text: &str) -> Value {
    let document = Document::parse(text).expect("the body is XML");
    content(document.root_element())
}

fn content(node: Node<'_, '_>) -> Value {
    let elements: Vec<Node<'_, '_>> = node.children().filter(Node::is_element).collect();
    if elements.is_empty() {
        return Value::String(node.text().unwrap_or_default().to_owned());
    }
    if elements.iter().all(|one| one.tag_name().name() == "member") {
        return elements.into_iter().map(content).collect();
    }
    if elements.iter().all(|one| one.tag_name().name() == "entry") {
        let entries = elements.into_iter().map(content);
        return entries
            .map(|mut entry| {
                (
                    entry["key"].as_str().unwrap().to_owned(),
                    entry["value"].take(),
                )
            })
            .collect::<Map<_, _>>()
            .into();
    }
    let mut members = Map::new();
    for element in elements {
        let name = element.tag_name().name().to_owned();
        let before = members.insert(name.clone(), content(element));
        assert!(before.is_none(), "{name} twice");
    }
    Value::Object(members)
}
