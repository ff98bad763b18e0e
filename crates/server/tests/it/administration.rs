//! Administrators, root keys and explanations, by operator commands against a running server.

use crate::server::{Data, Server, complaint};
use crate::signed::{Keys, a_secret, call};
use serde_json::{Value, json};

const ACCOUNT: &str = "111111111111";
const OTHER: &str = "222222222222";

fn start(data: &Data) -> Server {
    data.start_with(&["--account-id", ACCOUNT])
}

/// The status of a call that root and administrators may make.
fn status(data: &Data, server: &Server, keys: &Keys) -> u16 {
    call(data, &server.tls_address(), keys, "ListSecrets", &json!({})).status
}

fn events(data: &Data, name: &str) -> Vec<Value> {
    data.audit()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|event| event["eventName"] == name)
        .collect()
}

fn uid() -> u32 {
    rustix::process::getuid().as_raw()
}

#[test]
fn a_new_administrator_may_do_everything() {
    let data = Data::new();
    let server = start(&data);

    let new = data.json(&["admin", "create", "--user", "Ada"]);

    let keys = Keys::printed(&new);
    assert_eq!(
        new,
        json!({
            "AccountId": ACCOUNT,
            "UserName": "Ada",
            "Arn": format!("arn:aws:iam::{ACCOUNT}:user/Ada"),
            "AccessKeyId": keys.id,
            "SecretAccessKey": keys.secret,
        })
    );
    assert_eq!(status(&data, &server, &keys), 200);
    assert!(!data.audit().contains(&keys.secret));
    let events = events(&data, "CreateAdministrator");
    let sources: Vec<&Value> = events.iter().map(|event| &event["eventSource"]).collect();
    assert_eq!(sources, ["admin.strongroom.internal", "iam.amazonaws.com"]);
    assert_eq!(
        events[0]["requestParameters"],
        json!({ "accountId": ACCOUNT, "userName": "Ada" })
    );
    assert_eq!(
        events[1]["additionalEventData"],
        json!({
            "uid": uid(),
            "userName": "Ada",
            "accessKeyId": keys.id,
            "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
        })
    );
    assert_eq!(
        events[1]["responseElements"],
        json!({
            "accessKey": { "accessKeyId": keys.id, "status": "Active", "userName": "Ada" },
            "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
        })
    );
    assert_eq!(events[0]["requestID"], events[1]["requestID"]);
}

#[test]
fn an_administrator_that_cannot_be_made_is_refused_and_nothing_changes() {
    let data = Data::new();
    let _server = start(&data);
    data.json(&["admin", "create", "--user", "ada"]);
    let credentials = data.read("aws/credentials");

    for (flags, text) in [
        (
            ["--user", "ADA", "--profile", "x"],
            "the account `111111111111` has a user `ADA` already",
        ),
        (
            ["--user", "a b", "--profile", "x"],
            "`a b` is no name of a user: 1 to 64 letters, digits and `_+=,.@-`",
        ),
        (
            ["--user", "eve", "--profile", "default"],
            "there is a profile `default` already",
        ),
        (
            ["--user", "eve", "--profile", "a]b"],
            "`a]b` cannot name a profile: use letters, digits and `-_.`",
        ),
        (
            ["--user", "eve", "--account-id", OTHER],
            "there is no account `222222222222`",
        ),
    ] {
        let refused = data.command(&[&["admin", "create"], &flags[..]].concat());

        assert_eq!(complaint(&refused), text);
    }
    assert_eq!(data.read("aws/credentials"), credentials);
    let made = events(&data, "CreateAdministrator");
    let made = made
        .iter()
        .filter(|event| event["eventSource"] == "iam.amazonaws.com");
    assert_eq!(made.count(), 1);
}

#[test]
fn a_profile_is_added_beside_the_default_one() {
    let data = Data::new();
    let server = start(&data);
    let before = data.read("aws/credentials");
    let config = data.read("aws/config");

    let new = data.json(&["admin", "create", "--user", "ada", "--profile", "ops"]);

    assert_eq!(new["Profile"], "ops");
    assert_eq!(Keys::of_profile(&data, "ops"), Keys::printed(&new));
    assert!(data.read("aws/credentials").starts_with(&before));
    let settings = config.strip_prefix("[default]\n").unwrap();
    assert_eq!(
        data.read("aws/config"),
        format!("{config}\n[profile ops]\n{settings}")
    );
    assert_eq!(data.mode("aws/credentials"), 0o600);
    assert_eq!(status(&data, &server, &Keys::of_profile(&data, "ops")), 200);
}

#[test]
fn rotated_root_keys_take_the_place_of_the_old_ones() {
    let data = Data::new();
    let server = start(&data);
    let old = Keys::of_profile(&data, "default");
    data.json(&["admin", "create", "--user", "ada", "--profile", "ops"]);
    let ops = Keys::of_profile(&data, "ops");

    let new = data.json(&["account", "rotate-root-keys", "--account-id", ACCOUNT]);

    let keys = Keys::printed(&new);
    assert_eq!(new["AccountId"], ACCOUNT);
    assert_eq!(new.as_object().unwrap().len(), 3);
    assert_eq!(Keys::of_profile(&data, "default"), keys);
    assert_eq!(Keys::of_profile(&data, "ops"), ops);
    assert_eq!(data.mode("aws/credentials"), 0o600);
    assert_eq!(status(&data, &server, &old), 400);
    assert_eq!(status(&data, &server, &keys), 200);
    let events = events(&data, "RenewRootCredentials");
    let details = json!({ "uid": uid(), "accessKeyId": keys.id });
    assert_eq!(events.last().unwrap()["additionalEventData"], details);
}

#[test]
fn the_root_keys_of_another_account_are_printed_only() {
    let data = Data::new();
    let server = start(&data);
    let created = data.json(&["account", "create", "--account-id", OTHER]);
    let before = data.read("aws/credentials");

    let new = data.json(&["account", "rotate-root-keys", "--account-id", OTHER]);
    let unknown = data.command(&[
        "account",
        "rotate-root-keys",
        "--account-id",
        "333333333333",
    ]);

    assert_eq!(data.read("aws/credentials"), before);
    assert_eq!(status(&data, &server, &Keys::printed(&created)), 400);
    assert_eq!(status(&data, &server, &Keys::printed(&new)), 200);
    assert_eq!(complaint(&unknown), "there is no account `333333333333`");
}

#[test]
fn credentials_that_were_moved_away_stay_away() {
    let data = Data::new();
    let server = start(&data);
    std::fs::remove_file(data.path("aws/credentials")).unwrap();

    let new = data.json(&["account", "rotate-root-keys", "--account-id", ACCOUNT]);

    assert!(!data.path("aws/credentials").exists());
    assert_eq!(status(&data, &server, &Keys::printed(&new)), 200);
}

#[test]
fn restored_access_is_new_root_keys() {
    let data = Data::new();
    let server = start(&data);
    let old = Keys::of_profile(&data, "default");

    let new = data.json(&["account", "restore-access", "--account-id", ACCOUNT]);

    assert_eq!(new.as_object().unwrap().len(), 3);
    assert_eq!(Keys::of_profile(&data, "default"), Keys::printed(&new));
    assert_eq!(status(&data, &server, &old), 400);
    assert_eq!(status(&data, &server, &Keys::printed(&new)), 200);
    assert_eq!(events(&data, "RestoreAccess")[0]["readOnly"], false);
}

#[test]
fn a_secret_that_is_not_what_locks_out_changes_nothing() {
    let data = Data::new();
    let server = start(&data);
    let root = Keys::of_profile(&data, "default");
    let arn = a_secret(&data, &server.tls_address(), &root, "db");
    let restore = |secret: &str| {
        let flags = [
            "account",
            "restore-access",
            "--account-id",
            ACCOUNT,
            "--secret",
            secret,
        ];
        complaint(&data.command(&flags))
    };

    let without_policy = restore("db");
    let unknown = restore("web");
    let foreign = restore(&arn.replace(ACCOUNT, OTHER));

    assert_eq!(
        without_policy,
        format!("the secret `{arn}` has no resource policy")
    );
    assert_eq!(
        unknown,
        format!("the account `{ACCOUNT}` has no secret `web`")
    );
    assert!(foreign.starts_with("the account `111111111111` has no secret `arn:"));
    assert_eq!(status(&data, &server, &root), 200);
    assert_eq!(Keys::of_profile(&data, "default"), root);
}

#[test]
fn an_explanation_names_what_decided() {
    let data = Data::new();
    let _server = start(&data);
    data.json(&["admin", "create", "--user", "ada"]);
    let ada = format!("arn:aws:iam::{ACCOUNT}:user/ada");
    let question = [
        "explain",
        "--principal",
        &ada,
        "--action",
        "secretsmanager:GetSecretValue",
        "--resource",
        "db",
        "--context",
        "aws:SourceIp=10.0.0.1",
    ];

    let explained = data.json(&[&question[..], &["--json"]].concat());
    let table = data.command(&question).stdout;

    let by = json!({
        "Effect": "Allow",
        "PolicyType": "identity-based policy",
        "Policy": "user/ada → arn:aws:iam::aws:policy/AdministratorAccess",
        "Statement": 1,
        "Sid": null,
    });
    assert_eq!(
        explained,
        json!({
            "Principal": ada,
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "db",
            "Decision": "allowed",
            "PolicyType": "identity-based policy",
            "Reason": "by an identity-based policy",
            "By": by,
            "Matched": [by],
            "Conditional": false,
            "MissingKeys": [],
            "Key": null,
            "Note": null,
        })
    );
    let table = String::from_utf8(table).unwrap();
    let first = format!("{ada} may secretsmanager:GetSecretValue on db\n");
    assert!(table.starts_with(&first), "{table}");
    let events = events(&data, "Explain");
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["readOnly"], true);
    assert_eq!(events[0]["additionalEventData"]["uid"], uid());
    let asked =
        json!({ "principal": ada, "action": "secretsmanager:GetSecretValue", "resource": "db" });
    assert_eq!(events[0]["requestParameters"], asked);
}

#[test]
fn those_who_can_are_listed_with_their_path() {
    let data = Data::new();
    let server = start(&data);
    data.json(&["admin", "create", "--user", "ada"]);
    let root = Keys::of_profile(&data, "default");
    a_secret(&data, &server.tls_address(), &root, "db");
    let question = ["who-can", "secretsmanager:GetSecretValue", "db"];

    let found = data.json(&[&question[..], &["--json"]].concat());
    let table = String::from_utf8(data.command(&question).stdout).unwrap();

    assert_eq!(
        found,
        json!([
            {
                "Principal": format!("arn:aws:iam::{ACCOUNT}:root"),
                "Via": ["root of the account"],
                "Conditional": false,
                "Keys": [],
            },
            {
                "Principal": format!("arn:aws:iam::{ACCOUNT}:user/ada"),
                "Via": ["user/ada → arn:aws:iam::aws:policy/AdministratorAccess"],
                "Conditional": false,
                "Keys": [],
            },
        ])
    );
    assert_eq!(table.lines().count(), 3);
    assert!(table.starts_with("PRINCIPAL "), "{table}");
    assert_eq!(events(&data, "WhoCan")[0]["readOnly"], true);
}

#[test]
fn the_rotations_of_a_secret_are_shown() {
    let data = Data::new();
    let server = start(&data);
    let root = Keys::of_profile(&data, "default");
    a_secret(&data, &server.tls_address(), &root, "db");

    let shown = data.json(&["rotation", "show", "db", "--json"]);
    let told = String::from_utf8(data.command(&["rotation", "show", "db"]).stdout).unwrap();
    let missing = data.command(&["rotation", "show", "other"]);

    assert_eq!(
        (&shown["Name"], &shown["NextWindows"], &shown["Runs"]),
        (&json!("db"), &json!([]), &json!([]))
    );
    assert!(shown["CreatedDate"].is_number() && shown["VersionIdsToStages"].is_object());
    assert!(shown.get("RotationEnabled").is_none());
    assert!(
        told.ends_with("\nrotation was never configured\n"),
        "{told}"
    );
    assert!(!missing.status.success());
    let said = String::from_utf8(missing.stderr).unwrap();
    assert!(
        said.contains(&format!("the account `{ACCOUNT}` has no secret `other`")),
        "{said}"
    );
    let event = &events(&data, "ShowRotation")[0];
    assert_eq!(event["readOnly"], true);
    assert_eq!(event["requestParameters"], json!({ "secretId": "db" }));
}

#[test]
fn questions_about_nobody_and_nothing_are_refused() {
    let data = Data::new();
    let _server = start(&data);
    let nobody = format!("arn:aws:iam::{ACCOUNT}:user/nobody");
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let explain = |principal: &str, action: &str, resource: &str| {
        let flags = [
            "explain",
            "--principal",
            principal,
            "--action",
            action,
            "--resource",
            resource,
        ];
        complaint(&data.command(&flags))
    };

    assert_eq!(
        explain(&nobody, "iam:GetUser", "*"),
        format!("there is no principal `{nobody}`")
    );
    assert_eq!(
        explain("ada", "iam:GetUser", "*"),
        "`ada` names no principal: give the ARN of a root, a user, a role or a session"
    );
    assert_eq!(
        explain(&root, "GetUser", "*"),
        "`GetUser` is no action: write it like `secretsmanager:GetSecretValue`"
    );
    assert_eq!(
        explain(&root, "iam:GetUser", "ada"),
        "`ada` names no resource: give an ARN, `*`, or the name of a secret"
    );
    assert_eq!(
        complaint(&data.command(&["who-can", "secretsmanager:GetSecretValue", "db"])),
        "there is no secret `db`"
    );
}
