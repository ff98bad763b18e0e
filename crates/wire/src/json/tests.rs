use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn text_of(body: &Body) -> &str {
    std::str::from_utf8(body.as_ref()).unwrap()
}

fn written(write: impl FnOnce(&mut Object<'_>)) -> String {
    match Writer::object(write) {
        Ok(body) => text_of(&body).to_owned(),
        Err(error) => panic!("{error}"),
    }
}

struct Answer {
    name: &'static str,
    value: Plaintext,
}

impl Output for Answer {
    fn write(&self, object: &mut Object<'_>) {
        object.text("Name", self.name);
        object.plaintext("SecretString", &self.value);
    }
}

#[test]
fn every_kind_of_member_is_written() {
    let secret = Plaintext::from(String::from("p\"w\u{1}é"));

    let body = written(|o| {
        o.text("ARN", "arn:aws:x");
        o.opt_text("Description", None);
        o.opt_text("KmsKeyId", Some("k"));
        o.integer("Days", -30);
        o.opt_integer("Left", None);
        o.opt_integer("Right", Some(i64::MIN));
        o.boolean("Enabled", true);
        o.opt_boolean("Yes", Some(false));
        o.opt_boolean("No", None);
        o.timestamp("CreatedDate", Timestamp::from_millis(1_523_477_145_713));
        o.opt_timestamp("DeletedDate", None);
        o.opt_timestamp(
            "AccessedDate",
            Some(Timestamp::from_millis(1_523_923_200_000)),
        );
        o.texts("VersionStages", ["AWSCURRENT", "x"]);
        o.texts("None", Vec::<String>::new());
        o.plaintext("SecretString", &secret);
        o.blob("SecretBinary", &secret);
        o.object("RotationRules", |rules| rules.integer("AfterDays", 7));
        o.object("Empty", |_| {});
        o.objects("Tags", [("a", "b"), ("c", "d")], |(key, value), tag| {
            tag.text("Key", key);
            tag.text("Value", value);
        });
        o.array("Mixed", |array| {
            array.text("a");
            array.integer(1);
            array.boolean(false);
            array.object(|_| {});
            array.array(|inner| inner.integer(2));
        });
    });

    assert_eq!(
        body,
        concat!(
            r#"{"ARN":"arn:aws:x","KmsKeyId":"k","Days":-30,"Right":-9223372036854775808,"#,
            r#""Enabled":true,"Yes":false,"CreatedDate":1523477145.713,"#,
            r#""AccessedDate":1523923200,"VersionStages":["AWSCURRENT","x"],"None":[],"#,
            r#""SecretString":"p\"w\u0001é","SecretBinary":"cCJ3AcOp","#,
            r#""RotationRules":{"AfterDays":7},"Empty":{},"#,
            r#""Tags":[{"Key":"a","Value":"b"},{"Key":"c","Value":"d"}],"#,
            r#""Mixed":["a",1,false,{},[2]]}"#
        )
    );
}

#[test]
fn an_empty_answer_is_an_empty_object() {
    assert_eq!(written(|_| {}), "{}");
}

#[test]
fn an_operation_writes_its_own_answer() {
    let answer = Answer {
        name: "db",
        value: Plaintext::from(String::from("hunter2")),
    };

    let Ok(body) = Writer::output(&answer) else {
        panic!("refused");
    };

    assert_eq!(text_of(&body), r#"{"Name":"db","SecretString":"hunter2"}"#);
}

#[test]
fn a_secret_that_is_no_text_refuses_the_whole_body() {
    let secret = Plaintext::from(vec![b'a', 0xff]);

    let refused = Writer::object(|o| {
        o.plaintext("SecretString", &secret);
        o.text("Name", "db");
    });

    assert_eq!(refused.err(), Some(NotText));
}

#[test]
fn timestamps_are_as_short_as_they_can_be() {
    let rows = [
        (0, "0"),
        (1, "0.001"),
        (10, "0.01"),
        (100, "0.1"),
        (999, "0.999"),
        (1_000, "1"),
        (1_523_477_145_713, "1523477145.713"),
        (1_523_477_145_710, "1523477145.71"),
        (1_523_477_145_700, "1523477145.7"),
        (1_523_477_145_070, "1523477145.07"),
        (1_523_477_145_007, "1523477145.007"),
        (-1, "-0.001"),
        (-1_500, "-1.5"),
        (i64::MAX, "9223372036854775.807"),
        (i64::MIN, "-9223372036854775.808"),
    ];
    for (millis, text) in rows {
        assert_eq!(
            written(|o| o.timestamp("T", Timestamp::from_millis(millis))),
            format!("{{\"T\":{text}}}")
        );
    }
}

#[test]
fn errors_name_their_text_as_their_origin_does() {
    let bodies = [
        error_body(
            "ResourceNotFoundException",
            Some("can't \"find\""),
            MessageKey::Upper,
        ),
        error_body("ValidationException", Some("x\ny"), MessageKey::Lower),
        error_body("SerializationException", None, MessageKey::Lower),
        error_body("UnknownOperationException", None, MessageKey::Upper),
    ];

    assert_eq!(
        bodies.each_ref().map(text_of),
        [
            r#"{"__type":"ResourceNotFoundException","Message":"can't \"find\""}"#,
            r#"{"__type":"ValidationException","message":"x\ny"}"#,
            r#"{"__type":"SerializationException"}"#,
            r#"{"__type":"UnknownOperationException"}"#,
        ]
    );
}

fn write_value(object: &mut Object<'_>, key: &str, value: &Value) {
    match value {
        Value::Null => object.opt_text(key, None),
        Value::Bool(truth) => object.boolean(key, *truth),
        Value::Number(number) => object.integer(key, number.as_i64().unwrap()),
        Value::String(text) => object.text(key, text),
        Value::Array(items) => object.array(key, |array| write_items(array, items)),
        Value::Object(fields) => object.object(key, |inner| {
            for (key, value) in fields {
                write_value(inner, key, value);
            }
        }),
    }
}

fn write_items(array: &mut Array<'_>, items: &[Value]) {
    for item in items {
        match item {
            Value::Null => {}
            Value::Bool(truth) => array.boolean(*truth),
            Value::Number(number) => array.integer(number.as_i64().unwrap()),
            Value::String(text) => array.text(text),
            Value::Array(items) => array.array(|inner| write_items(inner, items)),
            Value::Object(fields) => array.object(|inner| {
                for (key, value) in fields {
                    write_value(inner, key, value);
                }
            }),
        }
    }
}

fn any_tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_tree_reads_back(tree in any_tree()) {
        let body = written(|object| write_value(object, "Tree", &tree));

        let read: Value = serde_json::from_str(&body).unwrap();

        prop_assert_eq!(read, json!({ "Tree": tree }));
    }

    #[test]
    fn a_text_is_escaped_as_the_parser_of_the_world_would(text in any::<String>()) {
        let body = written(|o| o.plaintext("S", &Plaintext::from(text.clone())));

        prop_assert_eq!(body, format!("{{\"S\":{}}}", serde_json::to_string(&text).unwrap()));
    }

    #[test]
    fn bytes_read_back_from_base64(bytes in prop::collection::vec(any::<u8>(), 0..3_000)) {
        let body = written(|o| o.blob("B", &Plaintext::from(bytes.clone())));

        let read: Value = serde_json::from_str(&body).unwrap();

        let decoded = BASE64.decode(read["B"].as_str().unwrap().as_bytes()).unwrap();
        prop_assert_eq!(decoded, bytes);
    }

    #[test]
    fn a_timestamp_is_its_milliseconds(millis in 0_i64..4_102_444_800_000) {
        let body = written(|o| o.timestamp("T", Timestamp::from_millis(millis)));

        let read: Value = serde_json::from_str(&body).unwrap();

        prop_assert_eq!((read["T"].as_f64().unwrap() * 1_000.0).round(), millis as f64);
    }
}
