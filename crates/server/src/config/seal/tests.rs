use super::*;

fn resolved(text: &str) -> Result<SealConfig, String> {
    let section: Section = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    SealConfig::resolve(section).map_err(|error| error.to_string())
}

#[test]
fn without_a_section_a_file_seals() {
    assert_eq!(resolved(""), Ok(SealConfig::default()));
    assert_eq!(SealConfig::default().variables(), Vec::<&str>::new());
}

#[test]
fn every_seal_can_be_described() {
    let config = resolved(
        r#"
        kind = "pkcs11"
        key_file = "/etc/strongroom/root.key"
        lock_memory = true
        passphrase.from = "env:SEAL_PASSPHRASE"
        [command]
        argv = ["/usr/local/bin/key", "--print"]
        mode = "wrap"
        [pkcs11]
        module = "/usr/lib/softhsm/libsofthsm2.so"
        token = "keys"
        key = "strongroom"
        pin = "env:PIN"
        "#,
    )
    .unwrap();

    assert_eq!(config.variables(), ["SEAL_PASSPHRASE", "PIN"]);
    assert_eq!(
        config,
        SealConfig {
            kind: SealKind::Pkcs11,
            key_file: PathBuf::from("/etc/strongroom/root.key"),
            lock_memory: true,
            passphrase: SecretFrom::Environment(String::from("SEAL_PASSPHRASE")),
            command: Some(Command {
                argv: vec![String::from("/usr/local/bin/key"), String::from("--print")],
                mode: CommandMode::Wrap,
                timeout: Duration::from_secs(30),
            }),
            pkcs11: Some(Token {
                module: PathBuf::from("/usr/lib/softhsm/libsofthsm2.so"),
                token: String::from("keys"),
                key: String::from("strongroom"),
                pin: SecretFrom::Environment(String::from("PIN")),
            }),
        }
    );
}

#[test]
fn a_secret_comes_from_one_of_four_places() {
    for (text, from) in [
        ("terminal", SecretFrom::Terminal),
        ("fd:3", SecretFrom::Descriptor(3)),
        ("env:A_1", SecretFrom::Environment(String::from("A_1"))),
        ("file:/run/p", SecretFrom::File(PathBuf::from("/run/p"))),
    ] {
        assert_eq!(SecretFrom::parse(text).unwrap(), from);
    }
    for text in [
        "", "hunter2", "fd:", "fd:x", "fd:-1", "env:", "env:a b", "file:p", "tty:",
    ] {
        assert_eq!(
            resolved(&format!("passphrase.from = \"{text}\"")),
            Err(format!(
                "`{text}` is no source of a secret: use `terminal`, `fd:3`, `env:NAME` or \
                 `file:/path`"
            ))
        );
    }
}

#[test]
fn what_is_missing_or_unknown_is_told() {
    for (text, said) in [
        (
            "kind = \"pkcs11\"",
            "`seal.kind` is `pkcs11`, and there is no `[seal.pkcs11]`",
        ),
        (
            "kind = \"command\"",
            "`seal.kind` is `command`, and there is no `[seal.command]`",
        ),
        (
            "[command]\nargv = [\"key\"]\nmode = \"print\"",
            "`seal.command.argv` must begin with the whole path of a program",
        ),
        (
            "[command]\nargv = []\nmode = \"print\"",
            "`seal.command.argv` must begin with the whole path of a program",
        ),
    ] {
        assert_eq!(resolved(text), Err(String::from(said)));
    }
    for text in [
        "kind = \"paper\"",
        "color = 1",
        "[pkcs11]\nmodule = \"/x\"",
        "[shamir]",
    ] {
        assert!(resolved(text).is_err(), "{text}");
    }
}
