use super::*;
use crate::config::{self, Supplied};
use crate::outside::{SystemClock, SystemEntropy};
use base::{Clock, Timestamp};
use parking_lot::Mutex;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConnection};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// A clock that starts now and is moved by hand.
struct HandClock(Mutex<Timestamp>);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

struct Rig {
    dir: tempfile::TempDir,
    clock: Arc<HandClock>,
}

impl Rig {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            clock: Arc::new(HandClock(Mutex::new(SystemClock.now()))),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("tls").join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn pass_days(&self, days: i64) {
        let mut now = self.clock.0.lock();
        *now = now.plus_days(days);
    }

    fn prepare(&self, names: &[&str]) -> Result<Arc<Certificates>, TlsError> {
        self.prepare_with(&config::Tls {
            supplied: None,
            names: names.iter().map(|name| String::from(*name)).collect(),
        })
    }

    fn prepare_with(&self, settings: &config::Tls) -> Result<Arc<Certificates>, TlsError> {
        let certificates = Certificates::prepare(
            settings,
            &self.dir.path().join("tls"),
            Some(String::from("vault.internal")),
            ["192.0.2.7".parse().unwrap(), "0.0.0.0".parse().unwrap()],
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            Arc::new(SystemEntropy),
        )?;
        Ok(Arc::new(certificates))
    }
}

/// Shakes hands in memory, as a client that trusts `authority` and wants `name`.
fn shake_hands(
    certificates: &Arc<Certificates>,
    authority: &Path,
    name: &str,
) -> Result<ClientConnection, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(authority).unwrap())
        .unwrap();
    let mut settings = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    settings.alpn_protocols = vec![b"h2".to_vec()];
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut client = ClientConnection::new(Arc::new(settings), name).unwrap();
    let mut server =
        ServerConnection::new(server_config(Arc::clone(certificates)).unwrap()).unwrap();
    while client.is_handshaking() || server.is_handshaking() {
        let mut wire = Vec::new();
        client.write_tls(&mut wire).unwrap();
        server.read_tls(&mut wire.as_slice()).unwrap();
        server.process_new_packets()?;
        let mut wire = Vec::new();
        server.write_tls(&mut wire).unwrap();
        let mut wire = wire.as_slice();
        while !wire.is_empty() {
            client.read_tls(&mut wire).unwrap();
            client.process_new_packets()?;
        }
    }
    Ok(client)
}

#[test]
fn a_client_that_trusts_the_authority_accepts_every_name() {
    let rig = Rig::new();
    let certificates = rig.prepare(&["extra.example", "2001:db8::1"]).unwrap();

    let authority = certificates.authority().unwrap();

    for name in [
        "localhost",
        "127.0.0.1",
        "::1",
        "vault.internal",
        "192.0.2.7",
        "extra.example",
        "2001:db8::1",
    ] {
        shake_hands(&certificates, &authority, name).unwrap();
    }
    assert!(shake_hands(&certificates, &authority, "other.example").is_err());
    assert!(shake_hands(&certificates, &authority, "0.0.0.0").is_err());
}

#[test]
fn a_connection_is_tls_1_3_with_hybrid_keys_and_http_2() {
    let rig = Rig::new();
    let certificates = rig.prepare(&[]).unwrap();

    let client = shake_hands(
        &certificates,
        &certificates.authority().unwrap(),
        "localhost",
    )
    .unwrap();

    assert_eq!(
        client.protocol_version(),
        Some(rustls::ProtocolVersion::TLSv1_3)
    );
    assert_eq!(
        client
            .negotiated_key_exchange_group()
            .map(|group| group.name()),
        Some(rustls::NamedGroup::X25519MLKEM768)
    );
    assert_eq!(client.alpn_protocol(), Some(b"h2".as_slice()));
}

#[test]
fn keys_are_their_owners_alone() {
    let rig = Rig::new();
    rig.prepare(&[]).unwrap();

    let mode = |name| fs::metadata(rig.path(name)).unwrap().mode() & 0o777;

    assert_eq!(
        ["ca.key", "server.key", "ca.pem", "server.pem"].map(mode),
        [0o600, 0o600, 0o644, 0o644]
    );
}

#[test]
fn a_second_start_shows_the_same_certificate() {
    let rig = Rig::new();
    rig.prepare(&["a.example", "b.example"]).unwrap();
    let before = rig.read("server.pem");

    rig.prepare(&["b.example", "a.example"]).unwrap();
    rig.prepare(&["a.example"]).unwrap();

    assert_eq!(rig.read("server.pem"), before);
}

#[test]
fn a_new_name_gets_a_new_certificate_from_the_same_authority() {
    let rig = Rig::new();
    let old = rig.prepare(&[]).unwrap();
    let (authority, server) = (rig.read("ca.pem"), rig.read("server.pem"));

    let new = rig.prepare(&["new.example"]).unwrap();

    assert_eq!(rig.read("ca.pem"), authority);
    assert_ne!(rig.read("server.pem"), server);
    let authority = rig.path("ca.pem");
    assert!(shake_hands(&old, &authority, "new.example").is_err());
    shake_hands(&new, &authority, "new.example").unwrap();
}

#[test]
fn a_certificate_is_renewed_while_running_a_month_before_its_end() {
    let rig = Rig::new();
    let certificates = rig.prepare(&[]).unwrap();
    let first = rig.read("server.pem");

    rig.pass_days(334);
    certificates.refresh().unwrap();
    let in_time = rig.read("server.pem");
    rig.pass_days(2);
    certificates.refresh().unwrap();

    assert_eq!(in_time, first);
    assert_ne!(rig.read("server.pem"), first);
    let client = shake_hands(&certificates, &rig.path("ca.pem"), "localhost").err();
    // It is valid from the hand clock's today, which is a year ahead of the client's.
    assert!(matches!(
        client,
        Some(rustls::Error::InvalidCertificate(
            rustls::CertificateError::NotValidYetContext { .. }
        ))
    ));
}

#[test]
fn half_a_pair_left_by_a_crash_is_made_anew() {
    let rig = Rig::new();
    rig.prepare(&[]).unwrap();
    let other = Rig::new();
    other.prepare(&[]).unwrap();
    fs::copy(other.path("server.key"), rig.path("server.key")).unwrap();

    let certificates = rig.prepare(&[]).unwrap();

    shake_hands(&certificates, &rig.path("ca.pem"), "localhost").unwrap();
}

#[test]
fn without_the_authoritys_key_the_certificate_serves_until_it_must_be_renewed() {
    let rig = Rig::new();
    rig.prepare(&[]).unwrap();
    fs::remove_file(rig.path("ca.key")).unwrap();

    let certificates = rig.prepare(&[]).unwrap();
    rig.pass_days(340);
    let refused = certificates.refresh().unwrap_err();

    shake_hands(&certificates, &rig.path("ca.pem"), "localhost").unwrap();
    assert_eq!(
        refused.to_string(),
        format!(
            "the server's certificate must be renewed, and the CA's key `{}` is not there",
            rig.path("ca.key").display()
        )
    );
}

#[test]
fn a_supplied_certificate_is_shown_and_read_again() {
    let theirs = Rig::new();
    theirs.prepare(&["first.example"]).unwrap();
    let rig = Rig::new();
    let settings = config::Tls {
        supplied: Some(Supplied {
            cert: theirs.path("server.pem"),
            key: theirs.path("server.key"),
        }),
        names: Vec::new(),
    };
    let certificates = rig.prepare_with(&settings).unwrap();
    let authority = theirs.path("ca.pem");
    shake_hands(&certificates, &authority, "first.example").unwrap();

    theirs
        .prepare(&["first.example", "second.example"])
        .unwrap();
    let before = shake_hands(&certificates, &authority, "second.example");
    certificates.refresh().unwrap();

    assert!(before.is_err());
    shake_hands(&certificates, &authority, "second.example").unwrap();
    assert_eq!(certificates.authority(), None);
    assert!(!rig.path("ca.pem").exists());
}

#[test]
fn a_supplied_pair_that_does_not_match_is_refused_and_the_shown_one_stays() {
    let theirs = Rig::new();
    theirs.prepare(&[]).unwrap();
    let other = Rig::new();
    other.prepare(&[]).unwrap();
    let rig = Rig::new();
    let settings = config::Tls {
        supplied: Some(Supplied {
            cert: theirs.path("server.pem"),
            key: theirs.path("server.key"),
        }),
        names: Vec::new(),
    };
    let certificates = rig.prepare_with(&settings).unwrap();

    fs::copy(other.path("server.key"), theirs.path("server.key")).unwrap();
    let refused = certificates.refresh().unwrap_err();

    assert_eq!(
        refused.to_string(),
        format!(
            "the certificate `{}` cannot be used with its key",
            theirs.path("server.pem").display()
        )
    );
    shake_hands(&certificates, &theirs.path("ca.pem"), "localhost").unwrap();
}

#[test]
fn a_supplied_file_without_pem_is_named() {
    let rig = Rig::new();
    let path = rig.dir.path().join("empty.pem");
    fs::write(&path, "").unwrap();
    let settings = config::Tls {
        supplied: Some(Supplied {
            cert: path.clone(),
            key: path.clone(),
        }),
        names: Vec::new(),
    };

    let refused = rig.prepare_with(&settings).err().unwrap();

    assert_eq!(
        refused.to_string(),
        format!(
            "`{}` holds no certificate or key in PEM form",
            path.display()
        )
    );
}
