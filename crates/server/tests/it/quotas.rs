//! Quotas as an operator sets them, and what clients see of it.

use crate::server::{Data, program};
use crate::signed::{Keys, call};
use serde_json::{Value, json};

fn secret(name: &str, value: &str) -> Value {
    json!({ "Name": name, "SecretString": value, "ClientRequestToken": "t".repeat(32) })
}

#[test]
fn a_value_of_a_mebibyte_is_kept_when_the_quota_says_so() {
    let data = Data::new();
    let toml = "[limits]\nbody_bytes = 4194304\n[quotas]\nvalue_bytes = 1048576\n";
    let config = data.config(toml);
    let server = data.start_with(&["--config", &config]);
    let keys = Keys::of_profile(&data, "default");
    let ask = |operation, body: Value| call(&data, &server.tls_address(), &keys, operation, &body);
    let value = "v".repeat(1 << 20);

    let created = ask("CreateSecret", secret("db", &value));
    let read = ask("GetSecretValue", json!({ "SecretId": "db" }));
    let larger = ask("CreateSecret", secret("larger", &format!("{value}v")));

    assert_eq!(created.status, 200, "{}", created.body);
    let read: Value = serde_json::from_str(&read.body).unwrap();
    assert_eq!(read["SecretString"].as_str().map(str::len), Some(1 << 20));
    assert_eq!(larger.status, 400);
    assert!(
        larger
            .body
            .contains("Member must have length less than or equal to 1048576"),
        "{}",
        larger.body
    );
}

#[test]
fn a_rate_that_was_set_holds_and_leaves_its_events() {
    let data = Data::new();
    let toml = "[quotas.rates]\n\"secretsmanager:GetRandomPassword\" = \
                { per_second = 1, burst = 2 }\n";
    let config = data.config(toml);
    let server = data.start_with(&["--config", &config]);
    let keys = Keys::of_profile(&data, "default");
    let address = server.tls_address();

    let ask = || call(&data, &address, &keys, "GetRandomPassword", &json!({}));
    let answers: Vec<_> = (0..30).map(|_| ask()).collect();

    let throttled: Vec<_> = answers.iter().filter(|one| one.status == 400).collect();
    assert!(throttled.len() >= 15, "{}", throttled.len());
    assert_eq!(
        throttled[0].body,
        r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#
    );
    let events = data.audit();
    let told = events
        .matches("\"errorCode\":\"ThrottlingException\"")
        .count();
    assert_eq!(told, throttled.len());
}

#[test]
fn the_command_prints_what_holds_without_a_server() {
    let data = Data::new();
    let config = data.config(
        "[quotas]\nsecrets = 7\n[quotas.accounts.123456789012]\nsecrets = 8\nthrottling = false\n",
    );
    let quotas = |more: &[&str]| {
        let output = program()
            .args(["quotas", "--config", &config])
            .args(more)
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };

    let table = quotas(&[]);
    let usual: Value = serde_json::from_str(&quotas(&["--json"])).unwrap();
    let own = quotas(&["--json", "--account-id", "123456789012"]);
    let own: Value = serde_json::from_str(&own).unwrap();

    assert!(table.contains("secrets                     7\n"), "{table}");
    assert!(table.contains("Accounts with quotas of their own: 123456789012"));
    assert_eq!(usual["Limits"]["secrets"], 7);
    assert_eq!(
        usual["AccountsWithQuotasOfTheirOwn"],
        json!(["123456789012"])
    );
    assert_eq!(own["Limits"]["secrets"], 8);
    let rates = |of: &Value| of["Rates"].as_array().unwrap().clone();
    assert!(rates(&usual).iter().all(|rate| rate["PerSecond"].is_u64()));
    assert!(rates(&own).iter().all(|rate| rate["PerSecond"].is_null()));
}

#[test]
fn a_file_with_a_mistake_starts_no_server() {
    let data = Data::new();
    for (toml, told) in [
        (
            "[quotas]\nvalue_bytes = 2000000\n",
            "`limits.body_bytes` must be at least",
        ),
        (
            "[quotas.accounts.1]\nsecrets = 1\n",
            "an account's number has 12 digits",
        ),
    ] {
        let refused = data.refused(&["--config", &data.config(toml)]);
        assert!(refused.contains(told), "{refused}");
    }
}
