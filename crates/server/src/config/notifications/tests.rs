use super::*;

fn notifications(text: &str) -> Result<Notifications, NotificationsError> {
    Notifications::resolve(toml::from_str(text).unwrap())
}

fn allowing(entries: &str) -> Notifications {
    notifications(&format!("allow = [{entries}]")).unwrap()
}

#[test]
fn only_urls_that_begin_as_an_entry_are_admitted() {
    let settings = allowing(
        r#""https://hooks.example/in", "https://*.corp.example/", "http://127.0.0.1:9000/""#,
    );

    for url in [
        "https://hooks.example/in",
        "https://HOOKS.example:443/in/x?token=1",
        "https://a.corp.example/",
        "https://a.b.corp.example/x",
        "http://127.0.0.1:9000/x",
    ] {
        assert!(settings.admits(url).is_some(), "{url}");
    }
    for url in [
        "https://hooks.example/",
        "https://hooks.example/inside",
        "https://hooks.example/in/../x",
        "https://hooks.example/in/%2E%2e/x",
        "https://hooks.example:8443/in",
        "https://hooks.example@evil.example/in",
        "https://hooks.example.evil.example/in",
        "https://corp.example/",
        "https://evilcorp.example/",
        "https://.corp.example/",
        "http://a.corp.example/",
        "http://127.0.0.1:9001/",
        "http://localhost:9000/",
        "https://a.corp.example/#x",
        "",
    ] {
        assert!(settings.admits(url).is_none(), "{url}");
    }
}

#[test]
fn only_an_entry_that_says_so_is_for_private_addresses() {
    let settings = allowing(
        r#""https://hooks.example/", { url = "https://inner.example/", private = true }, "https://10.0.0.7/", "http://localhost:1/""#,
    );

    let private = |url: &str| settings.admits(url).unwrap().is_private;

    assert!(!private("https://hooks.example/"));
    assert!(private("https://inner.example/"));
    assert!(private("https://10.0.0.7/x"));
    assert!(private("http://localhost:1/"));
}

#[test]
fn of_several_entries_one_for_private_addresses_is_enough() {
    let (wide, inner) = (
        r#""https://*.corp.example/""#,
        r#"{ url = "https://in.corp.example/", private = true }"#,
    );

    for entries in [format!("{wide}, {inner}"), format!("{inner}, {wide}")] {
        let settings = allowing(&entries);

        assert!(
            settings
                .admits("https://in.corp.example/x")
                .unwrap()
                .is_private
        );
        assert!(
            !settings
                .admits("https://out.corp.example/x")
                .unwrap()
                .is_private
        );
    }
}

#[test]
fn a_sender_is_an_address_alone() {
    let from =
        |from: &str| notifications(&format!("[smtp]\nhost = \"mail.example\"\nfrom = '{from}'"));

    assert!(from("sr+alarms@corp.example").is_ok());
    for wrong in [
        "Strongroom <sr@corp.example>",
        "<sr@corp.example>",
        "\"S\" sr@corp.example",
        "sr@corp.example, x@corp.example",
        "sr@corp@example",
        "@corp.example",
        "sr@",
        "sr",
        "",
    ] {
        let refused = from(wrong);

        assert!(
            matches!(refused, Err(NotificationsError::Sender(text)) if text == wrong),
            "{wrong}"
        );
    }
}

#[test]
fn nobody_is_admitted_by_default() {
    let settings = notifications("").unwrap();

    assert!(settings.admits("https://hooks.example/").is_none());
    assert!(!settings.admits_mail("ops@corp.example"));
}

#[test]
fn what_cannot_be_allowed_is_refused() {
    for entry in [
        "http://hooks.example/",
        "https://*/",
        "https://*.example/",
        "https://*.10.0.0.1/",
        "https://a.*.example/",
        "https://hooks.example/?x=1",
        "https://user@hooks.example/",
        "https://hooks.example/a/../b",
        "ftp://hooks.example/",
        "hooks.example",
    ] {
        let refused = notifications(&format!("allow = [\"{entry}\"]"));

        assert!(
            matches!(refused, Err(NotificationsError::Url(_))),
            "{entry}"
        );
    }
}

#[test]
fn mail_goes_to_listed_addresses_and_domains() {
    let smtp = "[smtp]\nhost = \"mail.example\"\nfrom = \"sr@corp.example\"";
    let settings = notifications(&format!(
        "mail = [\"*@corp.example\", \"Ann@other.example\"]\n{smtp}"
    ))
    .unwrap();

    for (address, expected) in [
        ("ops@corp.example", true),
        ("OPS@CORP.example", true),
        ("ann@other.example", true),
        ("bob@other.example", false),
        ("ops@sub.corp.example", false),
        ("ops@corp.example@evil.example", false),
        ("corp.example", false),
    ] {
        assert_eq!(settings.admits_mail(address), expected, "{address}");
    }
    let without_server = notifications("mail = [\"*@corp.example\"]").unwrap();
    assert!(!without_server.admits_mail("ops@corp.example"));
}

#[test]
fn a_mail_server_is_spoken_to_over_tls() {
    let smtp = |more: &str| {
        notifications(&format!(
            "[smtp]\nhost = \"mail.example\"\nfrom = \"sr@corp.example\"\n{more}"
        ))
    };

    assert_eq!(smtp("").unwrap().smtp.unwrap().port, 587);
    assert_eq!(smtp("tls = \"implicit\"").unwrap().smtp.unwrap().port, 465);
    assert!(matches!(
        smtp("tls = \"none\""),
        Err(NotificationsError::ClearBeyondLoopback)
    ));
    assert!(matches!(
        smtp("user = \"u\""),
        Err(NotificationsError::HalfLogin)
    ));
}

#[test]
fn addresses_of_the_servers_surroundings_are_not_public() {
    for (address, expected) in [
        ("8.8.8.8", true),
        ("172.32.0.1", true),
        ("2606:4700::1111", true),
        ("0.0.0.0", false),
        ("10.1.2.3", false),
        ("100.64.0.1", false),
        ("127.0.0.1", false),
        ("169.254.169.254", false),
        ("172.16.0.1", false),
        ("192.0.0.8", false),
        ("192.0.2.1", false),
        ("192.168.1.1", false),
        ("198.18.0.1", false),
        ("224.0.0.1", false),
        ("255.255.255.255", false),
        ("::", false),
        ("::1", false),
        ("::ffff:127.0.0.1", false),
        ("::ffff:8.8.8.8", false),
        ("64:ff9b::7f00:1", false),
        ("2001:db8::1", false),
        ("2002:7f00:1::", false),
        ("fc00::1", false),
        ("fd00:ec2::254", false),
        ("fe80::1", false),
        ("ff02::1", false),
    ] {
        assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
    }
}

#[test]
fn fewer_workers_than_can_be_shared_are_refused() {
    let settings = notifications("workers = 4").unwrap();
    let refused = notifications("workers = 3").unwrap_err();

    assert_eq!(settings.workers.get(), 4);
    assert_eq!(
        refused.to_string(),
        "`workers` is 3: accounts share them, so there have to be 4"
    );
}
