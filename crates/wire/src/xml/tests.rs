mod reader;

use super::*;
use proptest::prelude::*;
use reader::{Node, read};

/// The document with root `R`, without its root.
fn written(write: impl FnOnce(&mut Element<'_>)) -> String {
    let body = Writer::public_document("R", "urn:x", write);
    let document = std::str::from_utf8(body.as_ref()).unwrap();
    let content = document
        .strip_prefix("<R xmlns=\"urn:x\">")
        .and_then(|rest| rest.strip_suffix("</R>"));
    content.unwrap().to_owned()
}

fn secret(bytes: &[u8]) -> Result<Body, NotText> {
    let secret = Plaintext::new(bytes.to_vec());
    Writer::document("R", "urn:x", |root| root.plaintext("S", &secret))
}

#[test]
fn elements_nest_and_text_is_escaped() {
    let body = Writer::public_document("Root", "a\"b&c", |root| {
        root.element("Outer", |outer| {
            outer.text("Inner", "<a & \"b\" 'c'>");
            outer.text("Empty", "");
        });
    });

    assert_eq!(
        std::str::from_utf8(body.as_ref()).unwrap(),
        "<Root xmlns=\"a&quot;b&amp;c\"><Outer>\
         <Inner>&lt;a &amp; &quot;b&quot; &#39;c&#39;&gt;</Inner><Empty></Empty>\
         </Outer></Root>"
    );
}

#[test]
fn every_kind_of_member_is_written() {
    let content = written(|root| {
        root.text("Text", "x");
        root.integer("Integer", i64::MIN);
        root.boolean("True", true);
        root.boolean("False", false);
        root.timestamp("Moment", Timestamp::from_millis(1_768_478_400_999));
        root.plaintext("Secret", &Plaintext::new(b"a<b\n".to_vec()));
        root.texts("Texts", ["x", "&"]);
        root.list("Structures", [1, 2], |number, member| {
            member.integer("Number", number);
        });
    });

    assert_eq!(
        content,
        "<Text>x</Text><Integer>-9223372036854775808</Integer>\
         <True>true</True><False>false</False><Moment>2026-01-15T12:00:00Z</Moment>\
         <Secret>a&lt;b&#10;</Secret>\
         <Texts><member>x</member><member>&amp;</member></Texts>\
         <Structures><member><Number>1</Number></member><member><Number>2</Number></member></Structures>"
    );
}

#[test]
fn an_absent_member_is_left_out_and_a_present_one_is_written() {
    let absent = written(|root| {
        root.opt_text("Text", None);
        root.opt_integer("Integer", None);
        root.opt_boolean("Boolean", None);
        root.opt_timestamp("Moment", None);
    });
    let present = written(|root| {
        root.opt_text("Text", Some(""));
        root.opt_integer("Integer", Some(0));
        root.opt_boolean("Boolean", Some(false));
        root.opt_timestamp("Moment", Some(Timestamp::from_millis(0)));
    });

    assert_eq!(absent, "");
    assert_eq!(
        present,
        "<Text></Text><Integer>0</Integer><Boolean>false</Boolean>\
         <Moment>1970-01-01T00:00:00Z</Moment>"
    );
}

#[test]
fn a_list_without_items_is_an_empty_element() {
    let content = written(|root| {
        root.texts("Texts", [""; 0]);
        root.list("Structures", [0; 0], |_, _| {});
    });

    assert_eq!(content, "<Texts></Texts><Structures></Structures>");
}

#[test]
fn characters_that_xml_cannot_carry_are_replaced() {
    let content = written(|root| root.text("T", "a\u{0}b\u{1f}c\u{fffe}d\u{ffff}e\u{7f}\r\n\t"));

    assert_eq!(
        content,
        "<T>a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e\u{7f}&#13;&#10;&#9;</T>"
    );
}

#[test]
fn a_secret_that_xml_cannot_carry_refuses_the_document() {
    for bytes in [
        b"a\xff".as_slice(),
        b"\0",
        b"a\x1f",
        "\u{fffe}".as_bytes(),
        "\u{ffff}".as_bytes(),
        "\u{b}".as_bytes(),
    ] {
        assert_eq!(secret(bytes).err(), Some(NotText), "{bytes:?}");
    }
    for bytes in [
        b"".as_slice(),
        b"\t\r\n \x7f",
        "\u{fffd}\u{10000}".as_bytes(),
    ] {
        assert!(secret(bytes).is_ok(), "{bytes:?}");
    }
}

#[test]
fn one_bad_secret_among_others_refuses_the_document() {
    let [good, bad] = [b"good", b"b\0ad".as_slice()].map(|bytes| Plaintext::new(bytes.to_vec()));

    let refused = Writer::document("R", "urn:x", |root| {
        root.plaintext("A", &good);
        root.element("B", |inner| inner.plaintext("C", &bad));
        root.plaintext("D", &good);
    });

    assert_eq!(refused.err(), Some(NotText));
}

/// A tree of structures, lists and texts.
fn any_node() -> impl Strategy<Value = Node> {
    let text = any::<String>().prop_map(|text| Node::Text(carried(&text)));
    text.prop_recursive(4, 40, 5, |inner| {
        prop::collection::vec(("[A-Za-z][A-Za-z0-9]{0,5}", inner), 1..5).prop_map(Node::Elements)
    })
}

/// `text` with what XML cannot carry replaced.
fn carried(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' => c,
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
            _ => c,
        })
        .collect()
}

fn write_node(name: &str, node: &Node, parent: &mut Element<'_>) {
    match node {
        Node::Text(text) => parent.text(name, text),
        Node::Elements(elements) => parent.element(name, |inner| {
            for (name, node) in elements {
                write_node(name, node, inner);
            }
        }),
    }
}

proptest! {
    #[test]
    fn a_tree_reads_back(node in any_node()) {
        let content = written(|root| write_node("T", &node, root));

        prop_assert_eq!(read(&content), Some(Node::Elements(vec![("T".to_owned(), node)])));
    }

    #[test]
    fn text_reads_back_with_replacements(text in any::<String>()) {
        let content = written(|root| root.text("T", &text));

        let expected = Node::Elements(vec![("T".to_owned(), Node::Text(carried(&text)))]);
        prop_assert_eq!(read(&content), Some(expected));
    }

    #[test]
    fn a_secret_is_written_as_it_is_or_not_at_all(text in any::<String>()) {
        match secret(text.as_bytes()) {
            Ok(body) => {
                let as_text = Writer::public_document("R", "urn:x", |root| root.text("S", &text));
                prop_assert_eq!(body.as_ref(), as_text.as_ref());
                prop_assert_eq!(carried(&text), text);
            }
            Err(NotText) => prop_assert_ne!(carried(&text), text),
        }
    }

    #[test]
    fn moments_are_whole_seconds_of_iso_8601(millis in -60_000_000_000_000_i64..250_000_000_000_000) {
        let moment = Timestamp::from_millis(millis);

        let content = written(|root| root.timestamp("T", moment));

        prop_assert_eq!(content, format!("<T>{}</T>", moment.to_iso()));
    }

    #[test]
    fn lists_are_members_in_order(texts in prop::collection::vec(any::<String>(), 0..9)) {
        let as_texts = written(|root| root.texts("L", &texts));
        let as_elements = written(|root| {
            root.element("L", |list| {
                for text in &texts {
                    list.text("member", text);
                }
            });
        });

        prop_assert_eq!(as_texts, as_elements);
    }
}
