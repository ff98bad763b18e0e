use super::*;

fn answer() -> Fields {
    let inner = Fields::default().with("Name", "a<b").with("Value", 0.25);
    Fields::default()
        .with("Text", "é")
        .with_some("Absent", None::<i64>)
        .with("Number", -7_i64)
        .with("Whole", 1.0)
        .with("Truth", true)
        .with("At", Timestamp::from_millis(1_768_478_400_500))
        .with_list("Inners", [inner])
        .with_list("Empty", Vec::<String>::new())
        .with("Map", Tree::Map(vec![("p99".into(), Tree::Double(2.0))]))
}

#[test]
fn an_answer_is_written_as_json() {
    let json = answer().to_json();

    assert_eq!(
        std::str::from_utf8(json.as_ref()).unwrap(),
        r#"{"Text":"é","Number":-7,"Whole":1.0,"Truth":true,"At":1768478400.5,"Inners":[{"Name":"a<b","Value":0.25}],"Empty":[],"Map":{"p99":2.0}}"#
    );
}

#[test]
fn an_answer_is_written_as_xml() {
    let xml = answer().to_query("urn:x", "Do", "id", true);
    let nothing = ().fields().to_query("urn:x", "Do", "id", <()>::HAS_RESULT);

    assert_eq!(
        std::str::from_utf8(xml.as_ref()).unwrap(),
        "<DoResponse xmlns=\"urn:x\"><DoResult><Text>é</Text><Number>-7</Number><Whole>1.0</Whole>\
         <Truth>true</Truth><At>2026-01-15T12:00:00.500Z</At><Inners><member><Name>a&lt;b</Name>\
         <Value>0.25</Value></member></Inners><Empty></Empty><Map><entry><key>p99</key>\
         <value>2.0</value></entry></Map></DoResult><ResponseMetadata><RequestId>id</RequestId>\
         </ResponseMetadata></DoResponse>"
    );
    assert_eq!(
        std::str::from_utf8(nothing.as_ref()).unwrap(),
        "<DoResponse xmlns=\"urn:x\"><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata>\
         </DoResponse>"
    );
}

#[test]
fn an_answer_is_written_as_cbor() {
    let short = Fields::default()
        .with("A", "x")
        .with("N", 500_i64)
        .with("T", Timestamp::from_millis(1_000))
        .with_list("L", [true, false])
        .with("D", 1.5);

    let cbor = short.to_cbor();

    let expected = [
        b"\xa5\x61A\x61x\x61N\x19\x01\xf4\x61T\xc1\x01\x61L\x82\xf5\xf4\x61D\xfb".as_slice(),
        &1.5_f64.to_be_bytes(),
    ];
    assert_eq!(cbor.as_ref(), expected.concat());
}
