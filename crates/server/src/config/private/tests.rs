use super::*;
use crate::cli::ServeFlags;
use crate::config::{Config, File};
use crate::error::chain;
use std::fs;

const ID: &str = "vpce-0123456789abcdef0";
const VPC: &str = "vpc-0a1b2c3d";

fn resolved(toml: &str) -> Result<Vec<Private>, String> {
    let file: File = toml::from_str(toml).map_err(|error| error.to_string())?;
    Config::resolve(file, &ServeFlags::default())
        .map(|config| config.private)
        .map_err(|error| chain(&error))
}

fn section(id: &str, vpc: &str, rest: &str) -> String {
    format!("[[endpoint]]\nid = \"{id}\"\nvpc = \"{vpc}\"\n{rest}\n")
}

/// The refusal of one section with this policy in its file, with the file's path as `FILE`.
fn refused_policy(text: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("endpoint.json");
    fs::write(&path, text).unwrap();
    let rest = format!(
        "listen = [\"127.0.0.1:9000\"]\npolicy_file = \"{}\"",
        path.display()
    );

    let refused = resolved(&section(ID, VPC, &rest)).unwrap_err();

    refused.replace(&path.display().to_string(), "FILE")
}

#[test]
fn without_sections_there_is_none() {
    assert_eq!(resolved(""), Ok(Vec::new()));
}

#[test]
fn a_section_is_an_endpoint_with_addresses_and_a_policy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("endpoint.json");
    let policy = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;
    fs::write(&path, policy).unwrap();
    let listen = "listen = [\"10.0.0.5:8443\", \"[::1]:8443\"]";
    let first = section(
        ID,
        VPC,
        &format!("{listen}\npolicy_file = \"{}\"", path.display()),
    );
    let second = section("vpce-00000000", VPC, "listen = [\"10.0.0.6:8443\"]");

    let private = resolved(&(first + &second)).unwrap();

    let endpoint = |id: &str, policy: Option<&str>| {
        Arc::new(PrivateEndpoint::new(id.to_owned(), VPC.to_owned(), policy).unwrap())
    };
    let expected = [
        Private {
            endpoint: endpoint(ID, Some(policy)),
            listen: ["10.0.0.5:8443", "[::1]:8443"]
                .map(|at| at.parse().unwrap())
                .to_vec(),
        },
        Private {
            endpoint: endpoint("vpce-00000000", None),
            listen: vec!["10.0.0.6:8443".parse().unwrap()],
        },
    ];
    assert_eq!(private, expected);
}

#[test]
fn flags_for_the_public_addresses_leave_the_private_ones_alone() {
    let toml = section(ID, VPC, "listen = [\"10.0.0.5:8443\"]");
    let flags = ServeFlags {
        listen: vec![String::from("127.0.0.1:1")],
        ..ServeFlags::default()
    };

    let config = Config::resolve(toml::from_str(&toml).unwrap(), &flags).unwrap();

    assert_eq!(config.private.len(), 1);
    assert_eq!(config.listen.tls, ["127.0.0.1:1".parse().unwrap()]);
}

#[test]
fn an_id_is_written_as_aws_writes_it() {
    for id in [
        "vpce-1234567",
        "vpce-0123456789abcdef01",
        "vpce-0123456G",
        "vpce-0123456A",
        "vpc-01234567",
        "",
    ] {
        let toml = section(id, VPC, "listen = [\"127.0.0.1:9000\"]");

        let refused = resolved(&toml).unwrap_err();

        let expected = format!(
            "`{id}` is no id of a private endpoint: write it like `vpce-0123456789abcdef0`"
        );
        assert_eq!(refused, expected);
    }
}

#[test]
fn a_network_is_written_as_aws_writes_it() {
    for vpc in ["vpce-01234567", "vpc-", "vpc-0123456z"] {
        let toml = section(ID, vpc, "listen = [\"127.0.0.1:9000\"]");

        let refused = resolved(&toml).unwrap_err();

        let expected =
            format!("`{vpc}` is no id of a network: write it like `vpc-0123456789abcdef0`");
        assert_eq!(refused, expected);
    }
}

#[test]
fn an_endpoint_has_one_section() {
    let first = section(ID, VPC, "listen = [\"127.0.0.1:9000\"]");
    let second = section(ID, "vpc-00000000", "listen = [\"127.0.0.1:9001\"]");

    let refused = resolved(&(first + &second)).unwrap_err();

    let expected = format!("the private endpoint `{ID}` has more than one `[[endpoint]]` section");
    assert_eq!(refused, expected);
}

#[test]
fn an_endpoint_without_an_address_is_refused() {
    let refused = resolved(&section(ID, VPC, "listen = []")).unwrap_err();

    let expected = format!("the private endpoint `{ID}` has no address in `listen`");
    assert_eq!(refused, expected);
}

#[test]
fn what_is_no_address_is_refused() {
    let refused = resolved(&section(ID, VPC, "listen = [\"10.0.0.5\"]")).unwrap_err();

    assert_eq!(
        refused,
        "`10.0.0.5` is no address to listen on: write it like `127.0.0.1:8443` or `[::1]:8443`"
    );
}

#[test]
fn an_address_belongs_to_one_listener() {
    let other = section("vpce-00000000", VPC, "listen = [\"127.0.0.1:9000\"]");
    let one = section(ID, VPC, "listen = [\"127.0.0.1:9000\"]");
    let twice = section(ID, VPC, "listen = [\"127.0.0.1:9000\", \"127.0.0.1:9000\"]");
    let public = section(ID, VPC, "listen = [\"127.0.0.1:8443\"]");
    let plain = format!(
        "[listen]\nplain = [\"127.0.0.1:9000\"]\n{}",
        section(ID, VPC, "listen = [\"127.0.0.1:9000\"]")
    );

    for (toml, address) in [
        (one + &other, "127.0.0.1:9000"),
        (twice, "127.0.0.1:9000"),
        (public, "127.0.0.1:8443"),
        (plain, "127.0.0.1:9000"),
    ] {
        let expected = format!("`{address}` is listened on more than once");
        assert_eq!(resolved(&toml).unwrap_err(), expected);
    }
}

#[test]
fn free_ports_may_be_asked_for_many_times() {
    let toml = section(ID, VPC, "listen = [\"127.0.0.1:0\", \"127.0.0.1:0\"]");

    assert_eq!(resolved(&toml).unwrap().len(), 1);
}

#[test]
fn a_policy_file_that_is_not_there_is_refused() {
    let rest = "listen = [\"127.0.0.1:9000\"]\npolicy_file = \"/nowhere/endpoint.json\"";

    let refused = resolved(&section(ID, VPC, rest)).unwrap_err();

    let expected = format!(
        "cannot read the policy file `/nowhere/endpoint.json` of the private endpoint `{ID}`: "
    );
    assert!(refused.starts_with(&expected), "{refused}");
}

#[test]
fn a_policy_with_mistakes_is_told_with_line_and_column() {
    let text = "{\n  \"Statement\": {\n    \"Effect\": \"Alow\",\n    \"Action\": \"*\",\n    \
                \"Resource\": \"*\"\n  }\n}";

    let refused = refused_policy(text.as_bytes());

    let start = format!("the policy file `FILE` of the private endpoint `{ID}` has a mistake: ");
    assert!(refused.starts_with(&start), "{refused}");
    assert!(
        refused.contains("(line 3, column 15, in Statement.Effect)"),
        "{refused}"
    );
}

#[test]
fn what_is_no_text_is_no_policy() {
    let refused = refused_policy(&[0xff, 0xfe]);

    let start = format!("cannot read the policy file `FILE` of the private endpoint `{ID}`: ");
    assert!(refused.starts_with(&start), "{refused}");
}

#[test]
fn an_unknown_key_is_an_error() {
    let toml = section(ID, VPC, "listen = [\"127.0.0.1:9000\"]\npolicy = \"{}\"");

    let refused = resolved(&toml).unwrap_err();

    assert!(refused.contains("unknown field `policy`"), "{refused}");
}
