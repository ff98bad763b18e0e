//! A strict little reader of what the writer may write: elements, text and references.

/// The content of an element.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Text(String),
    Elements(Vec<(String, Node)>),
}

/// Reads the content of a root. `None` when it is not well-formed.
pub(super) fn read(content: &str) -> Option<Node> {
    let (node, rest) = node(content)?;
    rest.is_empty().then_some(node)
}

/// Reads up to the end or the next closing tag.
fn node(content: &str) -> Option<(Node, &str)> {
    let mut rest = content;
    let mut elements = Vec::new();
    while rest.starts_with('<') && !rest.starts_with("</") {
        let (name, inside) = rest.strip_prefix('<')?.split_once('>')?;
        let (inner, after) = node(inside)?;
        rest = after.strip_prefix(&format!("</{name}>"))?;
        elements.push((name.to_owned(), inner));
    }
    if !elements.is_empty() {
        return Some((Node::Elements(elements), rest));
    }
    let end = rest.find('<').unwrap_or(rest.len());
    let (text, after) = rest.split_at(end);
    Some((Node::Text(unescaped(text)?), after))
}

fn unescaped(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (reference, after) = after.split_once(';')?;
        plain.push_str(before);
        plain.push(match reference {
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "amp" => '&',
            _ => char::from_u32(reference.strip_prefix('#')?.parse().ok()?)?,
        });
        rest = after;
    }
    let is_escaped = !text.contains(['<', '>', '"', '\'', '\r', '\n', '\t']);
    is_escaped.then(|| plain + rest)
}
