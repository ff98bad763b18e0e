use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

#[test]
fn bodies_are_those_of_the_api() {
    assert_eq!(Ask::get(7).body, r#"{"SecretId":"bench/000007"}"#);
    assert_eq!(Ask::describe(7).body, r#"{"SecretId":"bench/000007"}"#);
    assert_eq!(Ask::list(None).body, r#"{"MaxResults":100}"#);
    assert_eq!(
        Ask::list(Some("t")).body,
        r#"{"MaxResults":100,"NextToken":"t"}"#
    );
}

#[test]
fn a_batch_goes_round_the_end() {
    let ask = Ask::batch(15, 20);

    let body: serde_json::Value = serde_json::from_str(&ask.body).unwrap();
    let names: BTreeSet<&str> = body["SecretIdList"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(serde_json::Value::as_str)
        .collect();
    assert_eq!(names.len(), BATCH);
    assert_eq!(ask.expected, r#""Name":"bench/000014""#);
}

#[test]
fn tokens_have_the_length_that_aws_demands() {
    let body: serde_json::Value = serde_json::from_str(&Ask::put(999_999, 1).body).unwrap();

    assert_eq!(body["ClientRequestToken"].as_str().unwrap().len(), 32);
}

#[test]
fn values_are_of_ordinary_size() {
    for (number, salt) in [(0, 0), (999_999, u64::MAX)] {
        let size = value(number, salt).len();
        assert!((60..=100).contains(&size), "{size}");
    }
}

#[test]
fn a_bare_server_is_asked_the_same_and_expected_to_say_the_same_always() {
    let bare = Ask::get(41).of_bare();

    assert_eq!(bare.body, Ask::get(41).body);
    assert_eq!(bare.expected, r#""Name":"bench/000000""#);
}

#[test]
fn a_secret_under_a_customer_key_has_the_value_of_its_twin() {
    let body = |ask: Ask| serde_json::from_str::<serde_json::Value>(&ask.body).unwrap();

    let keyed = body(Ask::create_keyed(7, "arn:key"));
    let twin = body(Ask::create(7));

    assert_eq!(keyed["Name"], "bench/keyed-000007");
    assert_eq!(keyed["KmsKeyId"], "arn:key");
    assert_eq!(keyed["SecretString"], twin["SecretString"]);
    assert_eq!(twin.get("KmsKeyId"), None);
    assert_eq!(
        Ask::keyed(7).expected,
        format!("\"SecretString\":{}", twin["SecretString"])
    );
    assert_ne!(Ask::keyed(8).expected, Ask::keyed(7).expected);
    assert_eq!(
        Ask::describe_keyed(7, "arn:key").expected,
        r#""KmsKeyId":"arn:key""#
    );
}

#[test]
fn each_operation_is_asked_of_its_service() {
    let asked = Operation::MEASURED.map(|one| (one.service(), one.target()));

    let asked = asked
        .each_ref()
        .map(|(service, target)| (*service, &**target));
    assert_eq!(
        asked,
        [
            ("secretsmanager", "secretsmanager.GetSecretValue"),
            ("secretsmanager", "secretsmanager.GetSecretValue"),
            ("secretsmanager", "secretsmanager.GetSecretValue"),
            ("secretsmanager", "secretsmanager.DescribeSecret"),
            ("secretsmanager", "secretsmanager.ListSecrets"),
            ("secretsmanager", "secretsmanager.BatchGetSecretValue"),
            ("kms", "TrentService.GenerateDataKey"),
            ("kms", "TrentService.Decrypt"),
            ("secretsmanager", "secretsmanager.PutSecretValue"),
        ]
    );
}

#[test]
fn only_changes_write() {
    let writing: Vec<Operation> = Operation::value_variants()
        .iter()
        .copied()
        .filter(|operation| operation.writes())
        .collect();

    assert_eq!(writing, [Operation::Put]);
    assert!(Operation::Create.writes());
}

proptest! {
    #[test]
    fn scattered_visits_each_secret_once(count in 1_usize..5_000, start in 0_usize..10_000) {
        let visited: BTreeSet<usize> =
            (start..start + count).map(|step| scattered(step, count)).collect();
        prop_assert_eq!(visited.len(), count);
    }

    #[test]
    fn no_two_writes_are_alike(
        a in (0_usize..999_999, 0_u64..1_000_000),
        b in (0_usize..999_999, 0_u64..1_000_000),
    ) {
        prop_assert_eq!(Ask::put(a.0, a.1) == Ask::put(b.0, b.1), a == b);
    }
}
