use super::*;
use proptest::prelude::*;

fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

fn region() -> RegionName {
    RegionName::parse("us-east-1").unwrap()
}

fn parsed(sent: &str) -> Option<(String, String, Option<String>)> {
    Parts::read(sent, false)?;
    let id = FunctionId::parse(sent, None, &account(), &region()).ok()?;
    Some((id.account.to_string(), id.name, id.qualifier))
}

#[test]
fn a_function_is_named_in_every_way_that_aws_has() {
    for (sent, account, name, qualifier) in [
        ("f", "123456789012", "f", None),
        ("f:$LATEST", "123456789012", "f", Some("$LATEST")),
        ("f:prod", "123456789012", "f", Some("prod")),
        ("function:f", "123456789012", "f", None),
        ("function", "123456789012", "function", None),
        ("123456789012", "123456789012", "123456789012", None),
        ("210987654321:f", "210987654321", "f", None),
        ("210987654321:function:f:7", "210987654321", "f", Some("7")),
        (
            "us-east-1:210987654321:function:f",
            "210987654321",
            "f",
            None,
        ),
        (
            "us-east-1:$LATEST",
            "123456789012",
            "us-east-1",
            Some("$LATEST"),
        ),
        (
            "arn:aws:lambda:us-east-1:210987654321:function:f",
            "210987654321",
            "f",
            None,
        ),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
            "123456789012",
            "f",
            Some("$LATEST"),
        ),
    ] {
        let expected = (
            account.to_owned(),
            name.to_owned(),
            qualifier.map(str::to_owned),
        );
        assert_eq!(parsed(sent), Some(expected), "{sent}");
    }
}

#[test]
fn what_is_no_name_is_none() {
    for sent in [
        "",
        "a b",
        "a.b",
        "f:",
        ":f",
        "f:$OTHER",
        "f:1:2",
        "arn:aws:kms:us-east-1:123456789012:function:f",
        "arn:gcp:lambda:us-east-1:123456789012:function:f",
        "arn:aws:lambda:us-east-1:123456789012:layer:f:1:2",
        "é",
    ] {
        assert!(!is_name(sent), "{sent}");
    }
    assert!(is_namespaced_name("a.b"));
    assert!(!is_namespaced_name("a b"));
}

#[test]
fn only_a_full_arn_is_an_arn() {
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:f";

    let id = FunctionId::of_arn(arn).unwrap();

    assert_eq!((id.arn().as_str(), id.is_latest()), (arn, true));
    for other in [
        "f",
        "123456789012:function:f",
        "arn:aws:lambda:f",
        "arn:aws:lambda:us-east-1:f",
        "arn:aws:lambda:us-east-1:123456789012:f",
        "arn:aws:lambda:us-east-1:123456789012:layer:f",
    ] {
        assert_eq!(FunctionId::of_arn(other), None, "{other}");
    }
    let qualified = FunctionId::of_arn(&format!("{arn}:7")).unwrap();
    assert_eq!(qualified.qualified_arn(), format!("{arn}:7"));
    assert!(!qualified.is_latest());
}

#[test]
fn other_regions_and_two_qualifiers_are_refused() {
    let parse = |sent, qualifier| FunctionId::parse(sent, qualifier, &account(), &region());

    let elsewhere = parse("arn:aws:lambda:eu-west-1:123456789012:function:f", None);
    let torn = parse("f:1", Some("2"));
    let agreed = parse("f:1", Some("1"));

    assert_eq!(
        elsewhere.unwrap_err().to_string(),
        "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"
    );
    assert_eq!(
        torn.unwrap_err().to_string(),
        "The derived qualifier from the function name does not match the specified qualifier."
    );
    assert_eq!(agreed.unwrap().qualifier.as_deref(), Some("1"));
}

#[test]
fn regions_are_those_of_the_pattern() {
    for (text, expected) in [
        ("us-east-1", true),
        ("us-gov-west-1", true),
        ("us-iso-east-1", true),
        ("us-isob-east-1", true),
        ("eusc-de-east-1", true),
        ("us-east-12", false),
        ("use-east-1", false),
        ("us-1", false),
        ("us-foo-east-1", false),
        ("us-East-1", false),
        ("", false),
    ] {
        assert_eq!(is_region(text), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn nothing_panics_and_an_arn_comes_back(text in ".{0,30}", name in "[a-zA-Z0-9_-]{1,20}") {
        let _ = is_namespaced_name(&text);
        let arn = arn(&account(), &region(), &name);

        let id = FunctionId::of_arn(&arn).unwrap();

        prop_assert_eq!(id.arn(), arn);
        prop_assert_eq!(id.name, name);
    }
}
