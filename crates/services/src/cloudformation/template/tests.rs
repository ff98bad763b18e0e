use super::*;
use serde_json::json;

fn template(resources: Value) -> Result<Template, String> {
    let whole = json!({
        "Parameters": { "a": { "Type": "String" }, "b": { "Type": "String", "Default": "two" } },
        "Resources": resources,
        "Outputs": { "Out": { "Value": { "Fn::GetAtt": ["R", "Arn"] }, "Description": "d" } },
    });
    Template::parse(&whole.to_string())
}

fn order(resources: Value) -> Vec<String> {
    let resources = template(resources).unwrap().resources;
    resources.into_iter().map(|it| it.logical_id).collect()
}

fn scope() -> Scope {
    Scope {
        names: [("a", "one"), ("R", "role-1")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        attributes: [(("R".to_owned(), "Arn".to_owned()), "arn:r".to_owned())].into(),
    }
}

#[test]
fn each_resource_comes_after_those_that_it_refers_to() {
    let resources = json!({
        "A": { "Type": "t", "Properties": { "x": [{ "Fn::GetAtt": ["B", "Arn"] }] } },
        "B": { "Type": "t", "Properties": { "x": { "Ref": "C" } } },
        "C": { "Type": "t", "Properties": { "x": { "Ref": "a" } } },
        "D": { "Type": "t", "Properties": { "x": { "Fn::Sub": "${A.Arn}/${AWS::Region}" } } },
    });

    assert_eq!(order(resources), ["C", "B", "A", "D"]);
}

#[test]
fn resources_that_need_each_other_are_refused() {
    let refused = template(json!({
        "A": { "Type": "t", "Properties": { "x": { "Ref": "B" } } },
        "B": { "Type": "t", "Properties": { "x": { "Ref": "A" } } },
    }));

    assert_eq!(
        refused.err().unwrap(),
        "Circular dependency between resources: [A, B]"
    );
}

#[test]
fn references_are_resolved_wherever_they_stand() {
    let value = json!({
        "plain": 1,
        "list": [{ "Ref": "a" }, { "Fn::GetAtt": ["R", "Arn"] }],
        "text": { "Fn::Sub": "<${a}|${R.Arn}>" },
        "two": { "Ref": "a", "other": true },
    });

    let resolved = scope().resolve(&value).unwrap();

    assert_eq!(
        resolved,
        json!({
            "plain": 1, "list": ["one", "arn:r"], "text": "<one|arn:r>",
            "two": { "Ref": "a", "other": true },
        })
    );
}

#[test]
fn a_reference_to_nothing_is_refused() {
    for value in [
        json!({ "Ref": "x" }),
        json!({ "Fn::GetAtt": ["R", "Id"] }),
        json!({ "Fn::GetAtt": "R.Arn" }),
        json!({ "Fn::Sub": "${x}" }),
        json!({ "Fn::Sub": "${a" }),
    ] {
        assert!(scope().resolve(&value).is_err(), "{value}");
    }
}

#[test]
fn every_parameter_gets_its_value() {
    let template = template(json!({ "R": { "Type": "t" } })).unwrap();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());

    let filled = template.fill(&[pair("a", "1")]);

    assert_eq!(filled, Ok(vec![pair("a", "1"), pair("b", "two")]));
    assert_eq!(
        template.fill(&[]),
        Err("Parameters: [a] must have values".to_owned())
    );
    assert_eq!(
        template.fill(&[pair("a", "1"), pair("c", "3")]),
        Err("Parameters: [c] do not exist in the template".to_owned())
    );
}

#[test]
fn outputs_tell_of_what_was_made() {
    let template = template(json!({ "R": { "Type": "t" } })).unwrap();

    let outputs = template.outputs(&scope()).unwrap();

    let expected = Output {
        key: String::from("Out"),
        value: String::from("arn:r"),
        description: Some(String::from("d")),
    };
    assert_eq!(outputs, [expected]);
}

#[test]
fn a_template_without_resources_is_none() {
    assert!(Template::parse("{}").is_err());
    assert!(Template::parse("Resources:").is_err());
}
