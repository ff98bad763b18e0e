use super::*;

fn shell(script: &str, dir: &Path) -> Plan {
    Plan {
        name: "the script",
        program: PathBuf::from("/bin/sh"),
        arguments: words(&["-c", script]),
        data_dir: dir.join("data"),
    }
}

fn failure(plan: &Plan) -> Error {
    match Target::start(plan) {
        Ok(_) => panic!("started"),
        Err(error) => error,
    }
}

#[test]
fn a_missing_program_is_said_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan::server(&dir.path().join("strongroom"), dir.path());

    let error = failure(&plan);

    assert!(matches!(error, Error::NoServer(_)));
    assert!(error.to_string().contains("--limits-only"), "{error}");
}

#[test]
fn a_server_that_ends_at_once_shows_its_log() {
    let dir = tempfile::tempdir().unwrap();

    let error = failure(&shell("echo no such disk >&2; exit 1", dir.path()));

    assert_eq!(
        error.to_string(),
        "the script did not become ready: it printed no line; the end of its log:\nno such disk"
    );
}

#[test]
fn another_first_line_is_not_readiness() {
    let dir = tempfile::tempdir().unwrap();

    for line in [
        "hello",
        r#"{"event":"starting","endpoints":[],"region":"r"}"#,
    ] {
        let error = failure(&shell(&format!("echo '{line}'"), dir.path()));

        let expected = format!("it printed `{line}`");
        assert!(matches!(error, Error::NotReady { reason, .. } if reason == expected));
    }
}

#[test]
fn a_ready_server_without_its_files_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let ready = r#"{"event":"ready","endpoints":["https://127.0.0.1:1"],"region":"us-east-1"}"#;

    let error = failure(&shell(&format!("echo '{ready}'; sleep 60"), dir.path()));

    assert!(matches!(
        error,
        Error::Contract {
            what: "certificate",
            ..
        }
    ));
}

#[test]
fn the_server_is_started_as_its_contract_says() {
    let plan = Plan::server(Path::new("/bin/strongroom"), Path::new("/data"));

    let words = ["serve", "--listen", "127.0.0.1:0", "--data-dir", "/data"];
    assert_eq!(plan.arguments, words);
}

#[test]
fn the_first_https_address_is_taken() {
    let endpoints = [
        "http://127.0.0.1:1",
        "https://127.0.0.1:2",
        "https://[::1]:3",
    ];

    let found = address(&endpoints.map(String::from));

    assert_eq!(found, Ok(SocketAddr::from(([127, 0, 0, 1], 2))));
    assert!(address(&[String::from("https://localhost:1")]).is_err());
}

#[test]
fn settings_come_from_the_default_profile_only() {
    let ini = "[other]\nkey = wrong\n[default]\n  key=right=er \n[last]\nlate = x\n";

    assert_eq!(setting(ini, "key"), Some("right=er"));
    assert_eq!(setting(ini, "late"), None);
    assert_eq!(setting("key = bare", "key"), None);
}

#[test]
fn an_authority_that_is_no_certificate_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ca.pem");
    fs::write(
        &path,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();

    assert!(client(&path).is_err());
    assert!(client(&dir.path().join("none")).is_err());
}

#[test]
fn a_long_log_is_cut_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let lines: Vec<String> = (0..100).map(|number| number.to_string()).collect();
    fs::write(&path, lines.join("\n")).unwrap();

    let shown = end_of(&path);

    assert_eq!(shown.lines().count(), LOG_LINES);
    assert!(shown.ends_with("99"));
    assert_eq!(end_of(&dir.path().join("none")), "");
}

#[test]
fn a_child_that_ended_can_be_stopped() {
    let mut child = Command::new("/bin/true").spawn().unwrap();
    child.wait().unwrap();

    let status = stop(&mut child).unwrap();

    assert!(status.success());
}

#[test]
fn a_running_child_is_ended_by_the_polite_signal() {
    use std::os::unix::process::ExitStatusExt;
    let mut child = Command::new("/bin/sleep").arg("60").spawn().unwrap();

    let status = stop(&mut child).unwrap();

    assert_eq!(status.signal(), Some(Signal::TERM.as_raw()));
}
