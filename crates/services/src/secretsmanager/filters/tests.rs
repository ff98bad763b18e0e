use super::super::model::tests::a_secret;
use super::*;
use proptest::prelude::*;

fn passes(key: FilterKey, values: &[&str], secret: &Secret) -> bool {
    let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    Filter::new(key, &values).accepts(&Seen::new(secret))
}

fn described(description: &str) -> Secret {
    let mut secret = a_secret("name");
    secret.description = Some(description.to_owned());
    secret
}

/// Which of `descriptions` a description filter lets through.
fn by_description<'a>(value: &str, descriptions: &[&'a str]) -> Vec<&'a str> {
    let mut found = descriptions.to_vec();
    found.retain(|text| passes(FilterKey::Description, &[value], &described(text)));
    found
}

fn named(names: &[&'static str], value: &str) -> Vec<&'static str> {
    let mut found = names.to_vec();
    found.retain(|name| passes(FilterKey::All, &[value], &a_secret(name)));
    found
}

#[test]
fn descriptions_match_by_the_beginnings_of_words() {
    let all = ["a secret", "an secret", "asecret", "thesecret"];

    assert_eq!(
        by_description("a", &all),
        ["a secret", "an secret", "asecret"]
    );
    assert_eq!(by_description("a secret", &all), ["a secret", "an secret"]);
    assert_eq!(by_description("!a", &all), ["thesecret"]);
    assert_eq!(by_description("!c", &all), all);
}

#[test]
fn the_order_of_words_does_not_matter() {
    let all = ["one", "two", "one two", "one and two", "and"];

    assert_eq!(by_description("one two", &all), ["one two", "one and two"]);
    assert_eq!(by_description("o t", &all), ["one two", "one and two"]);
    assert_eq!(by_description("t", &all), ["two", "one two", "one and two"]);
}

#[test]
fn names_match_by_prefix_and_case() {
    let secret = a_secret("/testing2/two");

    assert!(passes(FilterKey::Name, &["/"], &secret));
    assert!(passes(FilterKey::Name, &["/testing2"], &secret));
    assert!(!passes(FilterKey::Name, &["testing2"], &secret));
    assert!(!passes(FilterKey::Name, &["/Testing2"], &secret));
    assert!(!passes(FilterKey::Name, &["/testing2 two"], &secret));
    assert!(!passes(FilterKey::Name, &["!/"], &secret));
    assert!(passes(FilterKey::Name, &["!testing"], &secret));
}

#[test]
fn tags_match_by_prefix_of_any_key_or_value() {
    let mut secret = a_secret("name");
    secret.set_tags([("Team", "Blue"), ("env", "prod")]);

    assert!(passes(FilterKey::TagKey, &["Te"], &secret));
    assert!(passes(FilterKey::TagKey, &["en"], &secret));
    assert!(!passes(FilterKey::TagKey, &["te"], &secret));
    assert!(passes(FilterKey::TagValue, &["pro"], &secret));
    assert!(!passes(FilterKey::TagValue, &["Team"], &secret));
    assert!(!passes(FilterKey::TagKey, &["!env"], &secret));
}

#[test]
fn a_negation_accepts_a_secret_that_lacks_the_attribute() {
    let secret = a_secret("name");

    for key in [
        FilterKey::Description,
        FilterKey::TagKey,
        FilterKey::TagValue,
    ] {
        assert!(passes(key, &["!x"], &secret), "{key:?}");
        assert!(!passes(key, &["x"], &secret), "{key:?}");
    }
}

#[test]
fn values_of_one_filter_are_alternatives() {
    assert!(passes(FilterKey::Name, &["x", "na"], &a_secret("name")));
    assert!(passes(FilterKey::Name, &["x", "!y"], &a_secret("name")));
    assert!(!passes(FilterKey::Name, &["x", "!n"], &a_secret("name")));
}

#[test]
fn no_secret_here_is_managed_or_replicated() {
    let secret = a_secret("name");

    assert!(!passes(FilterKey::OwningService, &["rds"], &secret));
    assert!(!passes(FilterKey::PrimaryRegion, &["us-east-1"], &secret));
    assert!(passes(FilterKey::OwningService, &["!rds"], &secret));
}

#[test]
fn all_searches_words_of_the_name() {
    let names = [
        "SecretOne",
        "SecretFTag",
        "Thirdsecret",
        "prod/AppBeta/x",
        "uat/COMPANY/x",
    ];

    assert_eq!(named(&names, "secret"), ["SecretOne", "SecretFTag"]);
    assert_eq!(named(&names, "Sec"), ["SecretOne", "SecretFTag"]);
    assert_eq!(named(&names, "ret"), [""; 0]);
    assert_eq!(named(&names, "t"), ["SecretFTag", "Thirdsecret"]);
    assert_eq!(named(&names, "Beta"), ["prod/AppBeta/x"]);
    assert_eq!(named(&names, "AppBeta"), ["prod/AppBeta/x"]);
    assert_eq!(named(&names, "company"), ["uat/COMPANY/x"]);
    assert_eq!(named(&names, "+"), [""; 0]);
}

#[test]
fn a_run_of_capitals_gives_its_last_to_the_next_word() {
    let names = ["uat/COMPANYthings/x"];

    assert_eq!(named(&names, "Ythings"), names);
    for value in ["company", "things", "pany", "N"] {
        assert_eq!(named(&names, value), [""; 0], "{value}");
    }
}

#[test]
fn all_searches_description_and_tags_too() {
    let mut secret = described("DescTwo");
    secret.set_tags([("Team", "Blue1")]);

    for value in ["desc", "two", "d t", "team", "blue", "1", "name"] {
        assert!(passes(FilterKey::All, &[value], &secret), "{value}");
    }
    assert!(!passes(FilterKey::All, &["wo"], &secret));
}

#[test]
fn words_split_as_in_the_guide() {
    assert_eq!(words("credsDatabase#892"), ["creds", "database", "892"]);
    assert_eq!(
        words("/a_b+c=d.e@f-g h"),
        ["a", "b", "c", "d", "e", "f", "g", "h"]
    );
    assert_eq!(words(""), [""; 0]);
}

#[test]
fn only_one_plain_name_value_gives_a_prefix() {
    let prefix = |key, values: &[&str]| {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        Filter::new(key, &values).name_prefix().map(str::to_owned)
    };

    assert_eq!(
        prefix(FilterKey::Name, &["prod/"]),
        Some("prod/".to_owned())
    );
    assert_eq!(prefix(FilterKey::Name, &["!prod/"]), None);
    assert_eq!(prefix(FilterKey::Name, &["a", "b"]), None);
    assert_eq!(prefix(FilterKey::All, &["a"]), None);
}

proptest! {
    #[test]
    fn looking_a_prefix_up_agrees_with_trying_every_word(
        known in prop::collection::vec("[a-c]{1,4}", 0..12),
        prefix in "[a-c]{1,4}",
    ) {
        let tried = known.iter().any(|word| word.starts_with(&prefix));

        prop_assert_eq!(has_prefix(&sorted(known), &prefix), tried);
    }
}
