use super::*;
use crate::error::chain;
use std::time::Duration;

fn resolved(toml: &str, flags: &ServeFlags) -> Result<Config, ConfigError> {
    Config::resolve(toml::from_str(toml).unwrap(), flags)
}

fn refused(toml: &str, flags: &ServeFlags) -> String {
    chain(&resolved(toml, flags).unwrap_err())
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
fn with_nothing_said_the_defaults_hold() {
    let config = resolved("", &ServeFlags::default()).unwrap();

    assert_eq!(
        config,
        Config {
            data_dir: PathBuf::from("data"),
            account: None,
            region: None,
            regions: None,
            listen: Listen {
                tls: vec![address("127.0.0.1:8443")],
                plain: Vec::new(),
                workers: None,
            },
            tls: Tls {
                supplied: None,
                names: Vec::new(),
            },
            metrics: None,
            traces: None,
            quotas: Quotas::default(),
            limits: Limits::default(),
            sinks: Vec::new(),
            audit: Audit::default(),
            accept_audit_loss: false,
            private: Vec::new(),
            issuers: Vec::new(),
            // Each has its own test.
            functions: config.functions.clone(),
            trails: Trails::default(),
            trail_buckets: Vec::new(),
            notifications: config.notifications.clone(),
            rotators: config.rotators.clone(),
            cache_bytes: 256 << 20,
            store: StoreConfig::Embedded,
            rotation: Rotation::default(),
            seal: SealConfig::default(),
            file: None,
            log: String::from("info"),
        }
    );
}

#[test]
fn the_files_identity_and_addresses_are_read() {
    let toml = r#"
        data_dir = "/srv/strongroom"
        account_id = "123456789012"
        region = "eu-central-1"
        regions = ["eu-central-1", "eu-west-1"]
        log = "debug"
        [listen]
        tls = ["0.0.0.0:443", "[::]:443"]
        plain = ["[::1]:8080"]
        workers = 3
        [tls]
        cert = "/etc/cert.pem"
        key = "/etc/key.pem"
        names = ["vault.example", "10.0.0.1"]
    "#;

    let config = resolved(toml, &ServeFlags::default()).unwrap();

    assert_eq!(
        config,
        Config {
            data_dir: PathBuf::from("/srv/strongroom"),
            account: AccountId::parse("123456789012").ok(),
            region: RegionName::parse("eu-central-1").ok(),
            regions: ["eu-central-1", "eu-west-1"]
                .map(RegionName::parse)
                .into_iter()
                .collect::<Result<_, _>>()
                .ok(),
            listen: Listen {
                tls: vec![address("0.0.0.0:443"), address("[::]:443")],
                plain: vec![address("[::1]:8080")],
                workers: Some(3),
            },
            tls: Tls {
                supplied: Some(Supplied {
                    cert: PathBuf::from("/etc/cert.pem"),
                    key: PathBuf::from("/etc/key.pem"),
                }),
                names: vec![String::from("vault.example"), String::from("10.0.0.1")],
            },
            log: String::from("debug"),
            ..resolved("", &ServeFlags::default()).unwrap()
        }
    );
}

#[test]
fn the_files_limits_are_read() {
    let toml = r#"
        [limits]
        connections = 5
        body_bytes = 6
        header_bytes = 10000
        http2_streams = 7
        handshake_seconds = 8
        header_seconds = 9
        body_seconds = 10
        idle_seconds = 11
        drain_seconds = 12
        [audit]
        sync = "always"
        sync_interval_ms = 13
        deadline_ms = 14
        segment_bytes = 16
        segment_hours = 17
        retention_days = 18
        [store]
        engine = "embedded"
        cache_mib = 15
    "#;

    let config = resolved(toml, &ServeFlags::default()).unwrap();

    let limits = config.limits;
    let numbers = [
        limits.connections,
        limits.body_bytes,
        limits.header_bytes,
        limits.http2_streams,
    ];
    let times = [
        limits.handshake_seconds,
        limits.header_seconds,
        limits.body_seconds,
        limits.idle_seconds,
        limits.drain_seconds,
    ];
    assert_eq!(numbers.map(|number| number.get()), [5, 6, 10_000, 7]);
    assert_eq!(
        times.map(seconds),
        [8, 9, 10, 11, 12].map(Duration::from_secs)
    );
    assert_eq!(config.audit.sync, SyncPolicy::Always);
    assert_eq!(config.audit.sync_interval(), Duration::from_millis(13));
    assert_eq!(config.audit.deadline(), Duration::from_millis(14));
    assert_eq!(config.audit.segment_bytes.get(), 16);
    assert_eq!(config.audit.segment_age(), Duration::from_secs(17 * 3_600));
    assert_eq!(config.audit.retention_days.map(u32::from), Some(18));
    assert_eq!(config.cache_bytes, 15 << 20);
}

#[test]
fn how_secrets_are_rotated_is_read() {
    let toml = r#"
        [rotation]
        workers = 2
        attempts = 3
        retry_seconds = 4
        most_retry_seconds = 5
        step_seconds = 6
        lease_seconds = 7
    "#;

    let rotation = resolved(toml, &ServeFlags::default()).unwrap().rotation;

    let settings = rotation.settings();
    assert_eq!((rotation.workers.get(), settings.workers), (2, 2));
    assert_eq!(settings.attempts, 3);
    assert_eq!(settings.backoff.first_millis, 4_000);
    assert_eq!(settings.backoff.most_millis, 5_000);
    assert_eq!(settings.step_millis, 6_000);
    assert_eq!(settings.lease_millis, 7_000);
}

#[test]
fn by_default_rotations_are_as_the_services_have_them() {
    let own = Rotation::default().settings();
    let theirs = services::secretsmanager::RotationSettings::default();

    assert_eq!(format!("{own:?}"), format!("{theirs:?}"));
}

#[test]
fn flags_override_the_file() {
    let toml = r#"
        data_dir = "file"
        account_id = "111111111111"
        region = "us-west-2"
        log = "warn"
        [listen]
        tls = ["127.0.0.1:1"]
        plain = ["127.0.0.1:2"]
    "#;
    let flags = ServeFlags {
        data_dir: Some(PathBuf::from("flag")),
        listen: vec![String::from("127.0.0.1:3")],
        account_id: Some(String::from("222222222222")),
        region: Some(String::from("eu-west-1")),
        log: Some(String::from("error")),
        ..ServeFlags::default()
    };

    let config = resolved(toml, &flags).unwrap();

    assert_eq!(config.data_dir, PathBuf::from("flag"));
    assert_eq!(config.account, AccountId::parse("222222222222").ok());
    assert_eq!(config.region, RegionName::parse("eu-west-1").ok());
    assert_eq!(config.log, "error");
    assert_eq!(config.listen.tls, [address("127.0.0.1:3")]);
    assert_eq!(config.listen.plain, []);
}

#[test]
fn a_plain_listener_alone_switches_the_default_one_off() {
    let flags = ServeFlags {
        listen_plain: vec![String::from("127.0.0.1:0")],
        ..ServeFlags::default()
    };

    let config = resolved("", &flags).unwrap();

    assert_eq!(config.listen.tls, []);
    assert_eq!(config.listen.plain, [address("127.0.0.1:0")]);
}

#[test]
fn plain_http_beyond_loopback_is_refused() {
    for open in ["0.0.0.0:80", "192.0.2.1:80", "[::]:80"] {
        let flags = ServeFlags {
            listen_plain: vec![String::from(open)],
            ..ServeFlags::default()
        };

        assert_eq!(
            refused("", &flags),
            format!(
                "`{open}` is not a loopback address, and HTTP without TLS is served on loopback \
                 only"
            )
        );
    }
}

#[test]
fn mistakes_are_told_with_what_was_written() {
    let cases = [
        (
            "listen.tls = ['localhost']",
            "`localhost` is no address to listen on: write it like `127.0.0.1:8443` or \
             `[::1]:8443`",
        ),
        (
            "account_id = '12'",
            "`12` cannot be used: an account id is exactly 12 digits",
        ),
        (
            "region = 'Frankfurt'",
            "`Frankfurt` cannot be used: a Region name looks like `eu-central-1`",
        ),
        (
            "regions = ['nowhere']",
            "`nowhere` cannot be used: a Region name looks like `eu-central-1`",
        ),
        (
            "region = 'us-east-1'\nregions = ['eu-west-1']",
            "the Region `us-east-1` is not among `regions`",
        ),
        (
            "store.engine = 'mysql://db'",
            "there is no store `mysql`: write `embedded` or `postgres://user@host/name`",
        ),
        (
            "tls.cert = 'a'",
            "`tls.cert` and `tls.key` go together: give both or none",
        ),
        (
            "tls.names = ['not a name']",
            "`not a name` is neither a host name nor an address, so no certificate can name it",
        ),
        (
            "limits.header_bytes = 100",
            "`limits.header_bytes` must be at least 8192",
        ),
    ];
    for (toml, text) in cases {
        assert_eq!(refused(toml, &ServeFlags::default()), text);
    }
}

#[test]
fn unknown_keys_and_zeroes_are_mistakes() {
    for toml in [
        "colour = 'red'",
        "[listen]\nudp = []",
        "[tls]\nciphers = []",
        "[limits]\nconnections = 0",
        "[limits]\nspeed = 1",
        "[audit]\nsync = 'never'",
        "[store]\nurl = 'x'",
    ] {
        assert!(toml::from_str::<File>(toml).is_err(), "{toml}");
    }
}

#[test]
fn a_file_that_cannot_be_used_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("strongroom.toml");
    let flags = ServeFlags {
        config: Some(path.clone()),
        ..ServeFlags::default()
    };

    let missing = Config::load(&flags).unwrap_err().to_string();
    std::fs::write(&path, "colour = 'red'").unwrap();
    let malformed = chain(&Config::load(&flags).unwrap_err());

    assert_eq!(
        missing,
        format!("cannot read the configuration file `{}`", path.display())
    );
    assert!(malformed.contains("unknown field `colour`"), "{malformed}");
    assert!(malformed.contains("line 1"), "{malformed}");
}
