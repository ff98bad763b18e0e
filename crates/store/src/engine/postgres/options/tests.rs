use super::*;

fn parse(url: &str) -> PostgresOptions {
    PostgresOptions::parse(url).unwrap()
}

fn problem(url: &str) -> String {
    PostgresOptions::parse(url).unwrap_err().to_string()
}

fn tcp(host: &str, port: u16) -> Endpoint {
    Endpoint {
        address: Address::Tcp(host.to_owned()),
        port,
    }
}

#[test]
fn a_url_names_hosts_database_and_login() {
    let options = parse(
        "postgres://vault:s%40fe@db1:5433,db2:5434/records?application_name=node-1\
         &target_session_attrs=read-write&connect_timeout=7&keepalives_count=9\
         &tcp_user_timeout=1500",
    );

    let target = &options.target;
    assert_eq!(target.hosts, [tcp("db1", 5433), tcp("db2", 5434)]);
    assert_eq!(target.login.get_user(), Some("vault"));
    assert_eq!(target.login.get_password(), Some(&b"s@fe"[..]));
    assert_eq!(target.login.get_dbname(), Some("records"));
    assert_eq!(target.login.get_application_name(), Some("node-1"));
    assert_eq!(target.keepalive.retries, 9);
    assert_eq!(target.keepalive.user_timeout, Duration::from_secs(2));
    assert_eq!(options.connect_timeout, Duration::from_secs(7));
}

#[test]
fn who_is_not_on_this_machine_is_verified() {
    let tls = |url: &str| parse(url).target.tls;
    let verified = |roots: Option<&str>, checks_name| {
        Some(Tls {
            checks_name,
            roots: roots.map(PathBuf::from),
            identity: None,
        })
    };

    assert_eq!(tls("postgres://u@localhost/d"), None);
    assert_eq!(tls("postgres://u@127.0.0.1,[::1]/d"), None);
    assert_eq!(tls("postgres://u@%2Frun%2Fpostgresql/d"), None);
    assert_eq!(tls("postgres://u@db/d"), verified(None, true));
    assert_eq!(tls("postgres://u@localhost,db/d"), verified(None, true));
    assert_eq!(
        tls("postgres://u@db/d?sslmode=require"),
        verified(None, true)
    );
    assert_eq!(
        tls("postgres://u@localhost/d?sslmode=verify-full"),
        verified(None, true)
    );
    assert_eq!(
        tls("postgres://u@db/d?sslmode=verify-ca&sslrootcert=%2Fetc%2Fca.pem"),
        verified(Some("/etc/ca.pem"), false)
    );
    assert_eq!(tls("postgres://u@db/d?sslmode=disable"), None);
}

#[test]
fn a_client_certificate_comes_with_its_key() {
    let tls = parse("postgres://u@db/d?sslcert=/a.pem&sslkey=/a.key")
        .target
        .tls;

    let identity = tls.unwrap().identity;
    assert_eq!(identity, Some(("/a.pem".into(), "/a.key".into())));
    assert_eq!(
        problem("postgres://u@db/d?sslcert=/a.pem"),
        "the database cannot be used: its URL names one of `sslcert` and `sslkey` without the other"
    );
}

#[test]
fn what_is_not_understood_is_refused() {
    let cases = [
        ("mysql://u@db/d", "does not begin with `postgres://`"),
        ("postgres:///d?user=u", "names no host"),
        ("postgres://db/d", "names no user"),
        (
            "postgres://u@db/d?sslmode=prefer",
            "leaves it to the server whether it is encrypted",
        ),
        (
            "postgres://u@db/d?sslmode=verify-ca",
            "says `verify-ca` without `sslrootcert`",
        ),
        (
            "postgres://u@db/d?sslmode=strict",
            "has an `sslmode` that is not known",
        ),
        (
            "postgres://u@db/d?gssencmode=require",
            "has a parameter that is not known",
        ),
        (
            "postgres://u@db/d?target_session_attrs=any",
            "may ask for no other server than the primary",
        ),
        ("postgres://u@db:x/d", "is not understood"),
    ];

    for (url, expected) in cases {
        assert_eq!(
            problem(url),
            format!("the database cannot be used: its URL {expected}"),
            "{url}"
        );
    }
}

#[test]
fn a_password_is_in_no_text() {
    let options = parse("postgres://vault:hunter2@db/records");
    let broken = [
        "postgres://vault:a@hunter2@db/records",
        "postgres://vault:a?hunter2=1@db/records",
        "postgres://vault:a@hunter2:hunter2@db/records",
        "postgres://vault:a@db/records?password=hunter2&hunter2=1",
    ];

    assert!(!format!("{options:?}").contains("hunter2"));
    for url in broken {
        let error = PostgresOptions::parse(url).unwrap_err();
        assert!(!format!("{error:?} {error}").contains("hunter2"), "{url}");
    }
}
