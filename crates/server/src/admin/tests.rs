use super::protocol::{error_line, new_account, new_administrator, ok_line, restored};
use super::{client, server, *};
use base::{AccountId, Plaintext};
use services::{NewAccount, NewAdministrator, RemovedPolicy, Restored};

fn account(text: &str) -> AccountId {
    AccountId::parse(text).unwrap()
}

/// A command has no `PartialEq`, since secrets may be in it: what is read must be written the same.
fn assert_goes_over(command: &Command, text: &str) {
    assert_eq!(serde_json::to_string(command).unwrap(), text);
    let read: Command = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    assert_eq!(format!("{read:?}"), format!("{command:?}"));
}

#[test]
fn commands_are_one_json_object() {
    for (command, text) in [
        (
            Command::AccountCreate {
                account_id: Some(account("123456789012")),
            },
            r#"{"command":"account.create","account_id":"123456789012"}"#,
        ),
        (Command::AccountList, r#"{"command":"account.list"}"#),
        (
            Command::AccountRestoreAccess {
                account_id: account("123456789012"),
                secret: Some(String::from("db")),
                region: None,
            },
            r#"{"command":"account.restore-access","account_id":"123456789012","secret":"db","region":null}"#,
        ),
        (
            Command::AccountRotateRootKeys {
                account_id: account("123456789012"),
            },
            r#"{"command":"account.rotate-root-keys","account_id":"123456789012"}"#,
        ),
        (
            Command::AdminCreate {
                user_name: String::from("ada"),
                account_id: None,
                profile: None,
            },
            r#"{"command":"admin.create","user_name":"ada","account_id":null,"profile":null}"#,
        ),
        (
            Command::Explain(Explain {
                principal: String::from("p"),
                action: String::from("a:B"),
                resource: String::from("*"),
                account_id: None,
                region: None,
                context: vec![(String::from("k"), String::from("v"))],
            }),
            r#"{"command":"explain","principal":"p","action":"a:B","resource":"*","account_id":null,"region":null,"context":[["k","v"]]}"#,
        ),
        (
            Command::WhoCan {
                action: String::from("a:B"),
                secret: String::from("db"),
                account_id: None,
                region: None,
            },
            r#"{"command":"who-can","action":"a:B","secret":"db","account_id":null,"region":null}"#,
        ),
    ] {
        assert_goes_over(&command, text);
    }
}

#[test]
fn commands_about_secrets_are_one_json_object() {
    for (command, text) in [
        (
            Command::AccessShow(OneSecret {
                secret: String::from("db"),
                account_id: None,
                region: None,
            }),
            r#"{"command":"access.show","secret":"db","account_id":null,"region":null}"#,
        ),
        (
            Command::AccessUnused(Unused {
                days: 90,
                account_id: None,
                region: None,
            }),
            r#"{"command":"access.unused","days":90,"account_id":null,"region":null}"#,
        ),
        (
            Command::RotationCheck(OneSecret {
                secret: String::from("db"),
                account_id: None,
                region: None,
            }),
            r#"{"command":"rotation.check","secret":"db","account_id":null,"region":null}"#,
        ),
        (
            Command::RotationShow(OneSecret {
                secret: String::from("db"),
                account_id: None,
                region: None,
            }),
            r#"{"command":"rotation.show","secret":"db","account_id":null,"region":null}"#,
        ),
    ] {
        assert_goes_over(&command, text);
    }
}

#[test]
fn commands_about_the_seal_are_one_json_object() {
    for (command, text) in [
        (Command::SealStatus, r#"{"command":"seal.status"}"#),
        (
            Command::SealRotate { root: false },
            r#"{"command":"seal.rotate"}"#,
        ),
        (
            Command::SealRotate { root: true },
            r#"{"command":"seal.rotate","root":true}"#,
        ),
        (Command::SealAbandon, r#"{"command":"seal.abandon"}"#),
        (
            Command::SealFinish {
                share: None,
                passphrase: None,
            },
            r#"{"command":"seal.finish"}"#,
        ),
        (
            Command::SealFinish {
                share: Some(Hidden::new(zeroize::Zeroizing::new(String::from("srs1-x")))),
                passphrase: None,
            },
            r#"{"command":"seal.finish","share":"srs1-x"}"#,
        ),
        (
            Command::SealRecoveryMake {
                shares: 3,
                threshold: 2,
            },
            r#"{"command":"seal.recovery.make","shares":3,"threshold":2}"#,
        ),
        (
            Command::SealRecoveryRemove {},
            r#"{"command":"seal.recovery.remove"}"#,
        ),
        (
            Command::SealUnseal {
                share: Some(Hidden::new(zeroize::Zeroizing::new(String::from("srs1-x")))),
                passphrase: None,
            },
            r#"{"command":"seal.unseal","share":"srs1-x","passphrase":null}"#,
        ),
    ] {
        assert_goes_over(&command, text);
    }
}

#[test]
fn a_migration_says_what_its_seal_takes_and_shows_no_more() {
    let words = Hidden::new(zeroize::Zeroizing::new(String::from("hunter2")));
    let key_file = Some("new.key".into());
    for (to, text, shown) in [
        (
            Destination::File { key_file },
            r#"{"file":{"key_file":"new.key"}}"#,
            r#"{"to":"file"}"#,
        ),
        (
            Destination::Passphrase(words),
            r#"{"passphrase":"hunter2"}"#,
            r#"{"to":"passphrase"}"#,
        ),
        (Destination::Command, r#""command""#, r#"{"to":"command"}"#),
        (Destination::Pkcs11, r#""pkcs11""#, r#"{"to":"pkcs11"}"#),
        (
            Destination::Shamir {
                shares: 3,
                threshold: 2,
            },
            r#"{"shamir":{"shares":3,"threshold":2}}"#,
            r#"{"shares":3,"threshold":2,"to":"shamir"}"#,
        ),
    ] {
        let command = Command::SealMigrate { to };
        let text = format!(r#"{{"command":"seal.migrate","to":{text}}}"#);

        assert_goes_over(&command, &text);
        assert_eq!(command.shown().unwrap().to_string(), shown);
    }
}

/// What makes shares never means that there are to be none.
#[test]
fn a_command_about_shares_that_is_not_whole_is_none() {
    for text in [
        r#"{"command":"seal.recovery.make","shares":5,"threshold":null}"#,
        r#"{"command":"seal.recovery.make","shares":null,"threshold":null}"#,
        r#"{"command":"seal.recovery.make","shares":5}"#,
        r#"{"command":"seal.recovery.make"}"#,
        r#"{"command":"seal.recovery.remove","shares":5,"threshold":3}"#,
        r#"{"command":"seal.recovery","shares":null,"threshold":null}"#,
        r#"{"command":"seal.migrate","to":{"shamir":{"shares":5}}}"#,
        r#"{"command":"seal.migrate","to":{"shamir":{"shares":5,"threshold":null}}}"#,
        r#"{"command":"seal.migrate","to":"shamir","shares":5,"threshold":3}"#,
        r#"{"command":"seal.migrate","to":"passphrase"}"#,
    ] {
        assert!(serde_json::from_str::<Command>(text).is_err(), "{text}");
    }
}

#[test]
fn making_and_removing_recovery_shares_are_events_of_their_own() {
    let make = Command::SealRecoveryMake {
        shares: 3,
        threshold: 2,
    };
    let remove = Command::SealRecoveryRemove {};

    let told = [make, remove].map(|command| {
        let shown = command.shown().unwrap_or_default().to_string();
        (command.event_name(), command.is_read_only(), shown)
    });

    let shown = String::from(r#"{"shares":3,"threshold":2}"#);
    assert_eq!(
        told,
        [
            ("CreateRecoveryShares", false, shown),
            ("RemoveRecoveryShares", false, String::from("null")),
        ]
    );
}

#[test]
fn what_opens_a_seal_is_in_no_event_and_no_log() {
    let words = || Hidden::new(zeroize::Zeroizing::new(String::from("hunter2")));
    let secret = || Some(words());
    for command in [
        Command::SealUnseal {
            share: secret(),
            passphrase: secret(),
        },
        Command::SealFinish {
            share: secret(),
            passphrase: secret(),
        },
        Command::SealMigrate {
            to: Destination::Passphrase(words()),
        },
    ] {
        let shown = format!("{command:?} {:?}", command.shown());

        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn what_is_no_command_is_none() {
    for text in [
        "",
        "{}",
        r#"{"command":"shutdown"}"#,
        r#"{"command":"account.create","account_id":"12","x":1}"#,
        r#"{"command":"explain","principal":"p","action":"a:B","resource":"*","context":[],"x":1}"#,
    ] {
        assert!(serde_json::from_str::<Command>(text).is_err(), "{text}");
    }
}

#[test]
fn an_answer_reads_back() {
    let ok = ok_line(br#"{"a":[1,2]}"#);
    let error = error_line("the `thing` said \"no\"");

    let read = |line: &[u8]| client::result(std::str::from_utf8(line).unwrap());

    assert_eq!(read(&ok).unwrap().as_str(), r#"{"a":[1,2]}"#);
    assert_eq!(
        read(&error).unwrap_err().to_string(),
        "the `thing` said \"no\""
    );
}

#[test]
fn what_is_no_answer_is_told_as_such() {
    for line in ["", "{}", "[]", r#"{"ok":1,"error":"x"}"#, "no"] {
        assert!(
            matches!(client::result(line), Err(AdminError::NoAnswer)),
            "{line}"
        );
    }
}

#[test]
fn a_new_account_is_json_whatever_its_secret() {
    let new = NewAccount {
        account_id: account("123456789012"),
        access_key_id: String::from("AKIAEXAMPLE"),
        secret_access_key: Plaintext::from(String::from(r#"a/b+c"d\e"#)),
    };

    let json: serde_json::Value = serde_json::from_slice(&new_account(&new)).unwrap();

    assert_eq!(
        json,
        serde_json::json!({
            "AccountId": "123456789012",
            "AccessKeyId": "AKIAEXAMPLE",
            "SecretAccessKey": r#"a/b+c"d\e"#,
        })
    );
}

fn ugly_secret() -> Plaintext {
    Plaintext::from(String::from(r#"a/b+c"d\e"#))
}

#[test]
fn a_new_administrator_is_json_with_or_without_a_profile() {
    let new = NewAdministrator {
        account_id: account("123456789012"),
        user_name: String::from("ada"),
        arn: String::from("arn:ada"),
        access_key_id: String::from("AKIAEXAMPLE"),
        secret_access_key: ugly_secret(),
    };

    let plain = new_administrator(&new, None);
    let failed = new_administrator(&new, Some(("ProfileError", "no \"room\"")));

    let mut expected = serde_json::json!({
        "AccountId": "123456789012",
        "UserName": "ada",
        "Arn": "arn:ada",
        "AccessKeyId": "AKIAEXAMPLE",
        "SecretAccessKey": r#"a/b+c"d\e"#,
    });
    let read = |json: &[u8]| serde_json::from_slice::<serde_json::Value>(json).unwrap();
    assert_eq!(read(&plain), expected);
    expected["ProfileError"] = "no \"room\"".into();
    assert_eq!(read(&failed), expected);
}

#[test]
fn a_policy_that_was_removed_is_in_the_answer() {
    let answer = restored(&Restored {
        account: NewAccount {
            account_id: account("123456789012"),
            access_key_id: String::from("AKIAEXAMPLE"),
            secret_access_key: ugly_secret(),
        },
        removed: Some(RemovedPolicy {
            secret: String::from("arn:db"),
            text: String::from("{\"a\":\n1}"),
        }),
    });

    let json: serde_json::Value = serde_json::from_slice(&answer).unwrap();

    assert_eq!(
        json,
        serde_json::json!({
            "AccountId": "123456789012",
            "Secret": "arn:db",
            "ResourcePolicy": "{\"a\":\n1}",
            "AccessKeyId": "AKIAEXAMPLE",
            "SecretAccessKey": r#"a/b+c"d\e"#,
        })
    );
}

#[test]
fn events_show_parameters_and_no_more() {
    let explain = Command::Explain(Explain {
        principal: String::from("p"),
        action: String::from("a:B"),
        resource: String::from("*"),
        account_id: None,
        region: None,
        context: vec![(String::from("k"), String::from("v"))],
    });

    assert_eq!(
        explain.shown(),
        Some(serde_json::json!({ "principal": "p", "action": "a:B", "resource": "*" }))
    );
    assert_eq!(Command::SealRotate { root: true }.shown(), None);
    assert_eq!(
        (explain.event_name(), explain.is_read_only()),
        ("Explain", true)
    );
}

#[test]
fn only_root_and_the_servers_own_user_are_operators() {
    assert!(server::is_operator(0, 1_000));
    assert!(server::is_operator(1_000, 1_000));
    assert!(!server::is_operator(1_001, 1_000));
    assert!(!server::is_operator(1_000, 0));
}

#[test]
fn without_a_server_the_directory_is_named() {
    let dir = tempfile::tempdir().unwrap();

    let refused = call(dir.path(), &Command::AccountList).unwrap_err();

    assert_eq!(
        refused.to_string(),
        format!(
            "no strongroom server is running on `{}`",
            dir.path().display()
        )
    );
}
