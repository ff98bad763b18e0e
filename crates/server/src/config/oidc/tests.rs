use super::*;
use crate::cli::ServeFlags;
use crate::config::{Config, sections};
use crate::error::chain;
use proptest::prelude::*;

fn resolved(toml: &str) -> Result<Vec<Issuer>, String> {
    let file: sections::File = toml::from_str(toml).map_err(|error| error.to_string())?;
    Config::resolve(file, &ServeFlags::default())
        .map(|config| config.issuers)
        .map_err(|error| chain(&error))
}

fn issuer(text: &str) -> IssuerUrl {
    IssuerUrl::parse(text).unwrap()
}

fn endpoint(text: &str) -> Endpoint {
    Endpoint::parse(text).unwrap()
}

#[test]
fn every_way_to_keys_is_read() {
    let toml = r#"
        [[oidc]]
        issuer = "https://kubernetes.default.svc.cluster.local"
        jwks_file = "/etc/strongroom/jwks.json"
        [[oidc]]
        issuer = "https://cluster.example:6443/"
        ca_file = "/ca.pem"
        token_file = "/token"
        [[oidc]]
        issuer = "https://ci.example/tenant"
        jwks_url = "https://keys.example/tenant?v=1"
    "#;

    let issuers = resolved(toml).unwrap();

    let well_known = "https://cluster.example:6443/.well-known/openid-configuration";
    assert_eq!(
        issuers,
        [
            Issuer {
                url: issuer("https://kubernetes.default.svc.cluster.local"),
                keys: KeySource::File(PathBuf::from("/etc/strongroom/jwks.json")),
            },
            Issuer {
                url: issuer("https://cluster.example:6443/"),
                keys: KeySource::Fetched(Fetching {
                    from: Start::Discovery(endpoint(well_known)),
                    ca_file: Some(PathBuf::from("/ca.pem")),
                    token_file: Some(PathBuf::from("/token")),
                }),
            },
            Issuer {
                url: issuer("https://ci.example/tenant"),
                keys: KeySource::Fetched(Fetching {
                    from: Start::KeySet(endpoint("https://keys.example/tenant?v=1")),
                    ca_file: None,
                    token_file: None,
                }),
            },
        ]
    );
}

#[test]
fn mistakes_are_told_with_the_issuer() {
    let not_a_url = |text: &str| {
        format!(
            "`{text}` cannot be used: write a URL like `https://issuer.example/path`, without user \
             name, query and fragment (`http://` is for loopback hosts only)"
        )
    };
    let no_issuer = |text: &str| NotAnIssuer(text.to_owned()).to_string();
    for (section, text) in [
        ("issuer = 'issuer.example'", no_issuer("issuer.example")),
        ("issuer = 'http://localhost'", no_issuer("http://localhost")),
        ("issuer = 'https://'", no_issuer("https://")),
        ("issuer = 'https://a b'", no_issuer("https://a b")),
        ("issuer = 'https://a/?b'", no_issuer("https://a/?b")),
        ("issuer = 'https://a/#b'", no_issuer("https://a/#b")),
        ("issuer = 'https://a/%2e'", no_issuer("https://a/%2e")),
        ("issuer = 'https://me@a'", no_issuer("https://me@a")),
        (
            "issuer = 'https://a'\njwks_url = 'http://a/keys'",
            not_a_url("http://a/keys"),
        ),
        (
            "issuer = 'https://a'\njwks_file = 'f'\njwks_url = 'https://a/keys'",
            "the issuer `https://a` has `jwks_file` and `jwks_url`: give one of them".to_owned(),
        ),
        (
            "issuer = 'https://a'\njwks_file = 'f'\nca_file = 'c'",
            "the issuer `https://a` has a `jwks_file`, so `ca_file` and `token_file` have no use"
                .to_owned(),
        ),
        (
            "issuer = 'https://a'\n[[oidc]]\nissuer = 'https://a'",
            "the issuer `https://a` has more than one `[[oidc]]` section".to_owned(),
        ),
    ] {
        let refused = resolved(&format!("[[oidc]]\n{section}")).unwrap_err();

        assert_eq!(refused, text);
    }
}

proptest! {
    #[test]
    fn every_issuer_has_a_place_for_its_discovery_document(
        text in "https://([a-z0-9._-]{1,9}|\\[2001:db8::1\\])(:[0-9]{1,5})?(/[ -~]{0,9})?",
    ) {
        let issuer = IssuerUrl::parse(&text);
        prop_assume!(issuer.is_ok());

        let found = Endpoint::discovery(&issuer.unwrap()).unwrap();

        let base = text.trim_end_matches('/');
        let expected = format!("{base}/.well-known/openid-configuration");
        prop_assert_eq!(found.to_string(), expected);
    }
}

#[test]
fn an_issuer_must_be_named_and_keys_be_known() {
    for toml in [
        "[[oidc]]",
        "[[oidc]]\njwks_file = 'f'",
        "[[oidc]]\nissuer = 'https://a'\nclient_id = 'b'",
        "[oidc]\nissuer = 'https://a'",
    ] {
        assert!(resolved(toml).is_err(), "{toml}");
    }
}

#[test]
fn what_may_be_fetched_is_https_or_loopback() {
    for (text, allowed) in [
        ("https://a", true),
        ("https://10.0.0.1:6443/openid/v1/jwks", true),
        ("https://[2001:db8::1]/keys", true),
        ("http://localhost:8080/keys", true),
        ("http://127.0.0.1/keys", true),
        ("http://127.8.8.8/keys", true),
        ("http://[::1]:8080/keys", true),
        ("https://a:99999/keys", false),
        ("https://a:/keys", false),
        ("https://a:b@c/keys", false),
        ("https:///keys", false),
        ("http://a/keys", false),
        ("http://10.0.0.1/keys", false),
        ("http://localhost.example/keys", false),
        ("http://127.0.0.1.example/keys", false),
        ("http://localhost@a/keys", false),
        ("ftp://localhost/keys", false),
        ("file:///etc/passwd", false),
        ("/keys", false),
        ("localhost", false),
        ("", false),
    ] {
        assert_eq!(Endpoint::parse(text).is_some(), allowed, "{text}");
    }
}

#[test]
fn an_endpoint_knows_its_parts() {
    let full = endpoint("https://[::1]:6443/a/b?c=d");
    let bare = endpoint("https://A.example");
    let plain = endpoint("http://localhost/a");

    assert_eq!((full.host(), full.port()), ("::1", 6_443));
    assert_eq!(
        (full.authority(), full.target()),
        ("[::1]:6443", "/a/b?c=d")
    );
    assert_eq!(full.to_string(), "https://[::1]:6443/a/b");
    assert_eq!(
        (bare.host(), bare.port(), bare.target()),
        ("A.example", 443, "/")
    );
    assert_eq!(plain.port(), 80);
    assert!(full.is_loopback() && plain.is_loopback() && !bare.is_loopback());
}

#[test]
fn an_origin_is_scheme_host_and_port() {
    let origin = endpoint("https://a.example/x");
    for (other, same) in [
        ("https://A.EXAMPLE:443/y?z", true),
        ("https://a.example:8443/x", false),
        ("https://b.example/x", false),
        ("http://localhost/x", false),
    ] {
        assert_eq!(endpoint(other).has_origin_of(&origin), same, "{other}");
    }
}
