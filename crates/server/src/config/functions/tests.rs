use super::*;
use crate::config::ConfigError;
use crate::error::chain;

fn resolved(text: &str) -> Result<Functions, FunctionsError> {
    Functions::resolve(toml::from_str(text).unwrap())
}

fn refusal(text: &str) -> String {
    chain(&ConfigError::from(resolved(text).unwrap_err()))
}

#[test]
fn functions_are_off_and_isolation_is_strict_by_default() {
    let functions = resolved("").unwrap();

    assert_eq!(
        functions,
        Functions {
            enabled: false,
            processes: Processes {
                demand: Demand::Strict,
                bubblewrap: Bubblewrap::IfItWorks,
                user: None,
                endpoint: None,
                ca_file: None,
                scratch_dir: None,
                search: None,
                readable: Vec::new(),
                concurrency: 16,
                init: Duration::from_secs(10),
                disk_bytes: 512 << 20,
                processes: 1_024,
            },
            account_concurrency: 16,
            function_concurrency: 8,
            max_timeout: Duration::from_secs(900),
            remotes: Vec::new(),
        }
    );
}

#[test]
fn every_key_is_read() {
    let text = r#"
        enabled = true
        isolation = "best-effort"
        bubblewrap = "required"
        user = "990:991"
        endpoint = "https://vault.example:8443/"
        ca_file = "/etc/ca.pem"
        scratch_dir = "/var/lib/functions"
        search = ["/opt/python/bin"]
        readable = ["/opt/python"]
        concurrency = 1
        account_concurrency = 2
        function_concurrency = 3
        max_timeout_seconds = 4
        init_seconds = 5
        disk_mib = 6
        processes = 7
        [[remote]]
        url = "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/"
        region = "eu-west-1"
        credentials_file = "/etc/key"
    "#;

    let functions = resolved(text).unwrap();

    let url = "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/f/invocations";
    assert!(Upstream::find(&functions.remotes, url).is_some());
    let path = PathBuf::from;
    assert_eq!(
        functions,
        Functions {
            enabled: true,
            processes: Processes {
                demand: Demand::BestEffort,
                bubblewrap: Bubblewrap::Required,
                user: Some(User { uid: 990, gid: 991 }),
                endpoint: Some(String::from("https://vault.example:8443")),
                ca_file: Some(path("/etc/ca.pem")),
                scratch_dir: Some(path("/var/lib/functions")),
                search: Some(vec![path("/opt/python/bin")]),
                readable: vec![path("/opt/python")],
                concurrency: 1,
                init: Duration::from_secs(5),
                disk_bytes: 6 << 20,
                processes: 7,
            },
            account_concurrency: 2,
            function_concurrency: 3,
            max_timeout: Duration::from_secs(4),
            remotes: functions.remotes.clone(),
        }
    );
}

#[test]
fn what_is_not_known_is_refused() {
    for text in [
        "enable = true",
        "enabled = \"yes\"",
        "isolation = \"none\"",
        "bubblewrap = \"maybe\"",
        "concurrency = 0",
        "max_timeout_seconds = -1",
        "[[remote]]\nurl = \"https://a.example/\"\nregion = \"us-east-1\"",
        "[[remote]]\nregion = \"us-east-1\"\ncredentials_file = \"/etc/key\"",
    ] {
        assert!(toml::from_str::<Section>(text).is_err(), "{text}");
    }
}

#[test]
fn functions_never_run_as_root() {
    for user in ["0:0", "0:990", "990:0"] {
        assert_eq!(
            refusal(&format!("user = \"{user}\"")),
            format!("`functions.user` is `{user}`: functions cannot run as root or in its group")
        );
    }
    for user in ["nobody", "990", "990:", "-1:990", "990:990:990"] {
        assert_eq!(
            refusal(&format!("user = \"{user}\"")),
            format!(
                "`functions.user` is `{user}`: write numbers like `990:990`, those of a user of its own"
            )
        );
    }
}

#[test]
fn an_endpoint_is_a_url_without_a_path() {
    for url in [
        "vault.example",
        "http://vault.example",
        "https://vault.example/path",
        "https://a@b",
    ] {
        assert!(
            refusal(&format!("endpoint = \"{url}\""))
                .starts_with(&format!("`functions.endpoint` is `{url}`: ")),
            "{url}"
        );
    }
    assert_eq!(
        refusal("ca_file = \"/etc/ca.pem\""),
        "`functions.ca_file` goes with `functions.endpoint`: without it the server's own is used"
    );
}

#[test]
fn paths_are_absolute() {
    for (key, text) in [
        ("scratch_dir", "scratch_dir = \"tmp\""),
        ("search", "search = [\"/usr/bin\", \"tmp\"]"),
        ("readable", "readable = [\"tmp\"]"),
    ] {
        assert_eq!(
            refusal(text),
            format!("`functions.{key}` has `tmp`: write an absolute path")
        );
    }
}

#[test]
fn a_mistake_of_a_remote_names_its_section() {
    let text = "[[remote]]\nurl = \"http://a.example/\"\nregion = \"x\"\ncredentials_file = \"k\"";

    assert!(
        refusal(text).starts_with("`[[functions.remote]]`: `http://a.example/` cannot be used")
    );
}
