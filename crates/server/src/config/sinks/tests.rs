use super::*;
use crate::config::{Config, ConfigError};
use std::path::PathBuf;

fn sinks(toml: &str) -> Result<Vec<Sink>, String> {
    #[derive(Deserialize)]
    struct File {
        sinks: Vec<Section>,
    }
    let file: File = toml::from_str(toml).map_err(|error| error.message().to_owned())?;
    Sink::resolve(file.sinks).map_err(|error| crate::error::chain(&error))
}

fn refusal(toml: &str) -> String {
    sinks(toml).unwrap_err()
}

const EVERY_KIND: &str = r#"
        [[sinks]]
        name = "siem"
        begin = "next"
        filter = ["eventSource=kms.amazonaws.com", "errorCode=*"]
        [sinks.syslog]
        to = "tls://siem.example:6514"

        [[sinks]]
        name = "collector-2"
        batch_events = 7
        batch_seconds = 0
        timeout_seconds = 9
        [sinks.https]
        url = "https://collector.example/in?source=strongroom"
        format = "json"
        gzip = true
        headers = [
            { name = "X-Source", value = "vault" },
            { name = "authorization", prefix = "Bearer ", file = "/etc/token" },
            { name = "x-key", env = "KEY" },
        ]

        [[sinks]]
        name = "archive"
        prefix = "audit/of/us/"
        [sinks.s3]
        endpoint = "https://s3.example"
        bucket = "logs"
        region = "eu-west-1"
        credentials_file = "/etc/key"
    "#;

/// A sink of syslog with these members.
fn syslog(members: &str) -> String {
    format!("[[sinks]]\nname = \"a\"\nsyslog = {{ {members} }}\n")
}

/// A sink of a collector with these members.
fn https(members: &str) -> String {
    format!("[[sinks]]\nname = \"a\"\nhttps = {{ url = \"https://c.example/in\", {members} }}\n")
}

#[test]
fn every_kind_is_read_with_its_defaults() {
    let sinks = sinks(EVERY_KIND).unwrap();

    let names: Vec<&str> = sinks.iter().map(|sink| sink.name.as_str()).collect();
    assert_eq!(names, ["siem", "collector-2", "archive"]);
    let kinds: Vec<&str> = sinks.iter().map(|sink| sink.kind.name()).collect();
    assert_eq!(kinds, ["syslog/tls", "https", "s3"]);
    assert_eq!(
        (sinks[0].begin, sinks[1].begin),
        (Begin::Next, Begin::Oldest)
    );
    assert_eq!((sinks[0].filter.len(), sinks[1].filter.len()), (2, 0));
    assert_eq!(sinks[1].batches.events, 7);
    assert_eq!(sinks[1].batches.longest, Duration::ZERO);
    assert_eq!(sinks[1].timeout, Duration::from_secs(9));
    assert_eq!(sinks[2].batches.longest, Duration::from_secs(300));
    assert_eq!(sinks[1].variables().collect::<Vec<_>>(), ["KEY"]);
    let SinkKind::Syslog(syslog) = &sinks[0].kind else {
        panic!("{:?}", sinks[0].kind)
    };
    assert_eq!((syslog.facility, syslog.most_bytes), (13, 262_144));
    let SinkKind::Https(collector) = &sinks[1].kind else {
        panic!("{:?}", sinks[1].kind)
    };
    assert_eq!(
        collector.headers[1].1,
        HeaderText::File {
            prefix: String::from("Bearer "),
            path: PathBuf::from("/etc/token"),
        }
    );
    let SinkKind::S3(archive) = &sinks[2].kind else {
        panic!("{:?}", sinks[2].kind)
    };
    assert_eq!(archive.prefix, "audit/of/us/");
}

#[test]
fn a_place_of_syslog_is_one_of_four_kinds() {
    let to = |text: &str| match &sinks(&syslog(&format!("to = \"{text}\""))).unwrap()[0].kind {
        SinkKind::Syslog(syslog) => syslog.to.clone(),
        other => panic!("{other:?}"),
    };
    let place = |host: &str, port| SyslogPlace {
        host: host.to_owned(),
        port,
    };

    assert_eq!(
        to("udp://127.0.0.1:514"),
        SyslogTo::Udp(place("127.0.0.1", 514))
    );
    assert_eq!(
        to("tcp://[::1]:601"),
        SyslogTo::Tcp {
            place: place("::1", 601),
            confirm: true
        }
    );
    assert_eq!(
        to("unix:/dev/log"),
        SyslogTo::Unix(PathBuf::from("/dev/log"))
    );
    for text in [
        "siem.example:514",
        "http://siem.example:514",
        "udp://siem.example",
        "udp://:514",
        "udp://a@siem.example:514",
        "udp://siem.example:0",
        "tcp://[siem]:1",
        "unix:dev/log",
        "",
    ] {
        let told = refusal(&syslog(&format!("to = \"{text}\"")));
        assert!(told.contains("is no place of syslog"), "{told}");
    }
}

/// Each is refused with these words.
fn assert_refused(cases: &[(String, &str)]) {
    for (toml, expected) in cases {
        let told = refusal(toml);
        assert!(told.contains(expected), "{toml}\n{told}");
    }
}

#[test]
fn what_does_not_fit_syslog_is_refused() {
    let members = [
        ("to = \"udp://a:1\", ca_file = \"/ca\"", "for `tls://` only"),
        ("to = \"udp://a:1\", confirm = true", "for `tls://` only"),
        ("to = \"unix:/a\", confirm = true", "for `tls://` only"),
        ("to = \"tls://a:1\", cert = \"/c\"", "give both or none"),
        ("to = \"udp://a:1\", facility = \"x\"", "`x` is no facility"),
        (
            "to = \"udp://a:1\", most_bytes = 100",
            "has 480 to 65507 bytes",
        ),
        (
            "to = \"udp://a:1\", hostname = \"a b\"",
            "`a b` cannot stand",
        ),
        ("to = \"udp://a:1\", app_name = \"\"", "`` cannot stand"),
    ];

    assert_refused(&members.map(|(members, told)| (syslog(members), told)));
}

#[test]
fn what_does_not_fit_a_collector_is_refused() {
    let headers = [
        ("{ name = \"Host\", value = \"x\" }", "the server's own"),
        ("{ name = \"a b\", value = \"x\" }", "the server's own"),
        ("{ name = \"x\" }", "needs one of"),
        (
            "{ name = \"x\", value = \"a\", prefix = \"b\" }",
            "needs one of",
        ),
        ("{ name = \"x\", value = \"a\\nb\" }", "needs one of"),
        (
            "{ name = \"x\", file = \"/a\", env = \"B\" }",
            "needs one of",
        ),
        ("{ name = \"x\", env = \"A=B\" }", "needs one of"),
    ];

    assert_refused(&headers.map(|(header, told)| (https(&format!("headers = [{header}]")), told)));
    assert_refused(&[
        (https("method = \"PUT\""), "unknown field"),
        (
            https("gzip = true").replace("https://c", "http://c"),
            "loopback hosts only",
        ),
    ]);
}

#[test]
fn what_does_not_fit_any_sink_is_refused() {
    let usual = syslog("to = \"udp://a:1\"");

    assert_refused(&[
        (
            String::from("[[sinks]]\nname = \"a\"\n"),
            "needs one of `syslog`",
        ),
        (format!("{usual}prefix = \"x\"\n"), "for `s3` only"),
        (format!("{usual}filter = [\"x\"]\n"), "the filter `x`"),
        (format!("{usual}{usual}"), "more than one"),
        (usual.replace("\"a\"", "\"../a\""), "no name of a sink"),
    ]);
}

fn s3(name: &str, bucket: &str, prefix: &str) -> String {
    format!(
        "[[sinks]]\nname = \"{name}\"\nprefix = \"{prefix}\"\n[sinks.s3]\nendpoint = \
         \"https://s3.example\"\nbucket = \"{bucket}\"\nregion = \"r\"\ncredentials_file = \"/k\"\n"
    )
}

#[test]
fn a_prefix_that_leads_elsewhere_is_refused() {
    for prefix in ["/a", "a//b", "../a", "a/./b"] {
        let told = refusal(&s3("a", "logs", prefix));
        assert!(told.contains("cannot be what keys"), "{told}");
    }
    assert!(sinks(&s3("a", "logs", "a/b")).is_ok());
}

#[test]
fn two_sinks_for_the_same_objects_are_refused() {
    let one = s3("a", "logs", "x");

    let told = refusal(&format!("{one}{}", s3("b", "logs", "x")));

    assert!(told.contains("`a` and `b` have the same bucket"), "{told}");
    assert!(sinks(&format!("{one}{}", s3("b", "logs", "y"))).is_ok());
    assert!(sinks(&format!("{one}{}", s3("b", "others", "x"))).is_ok());
}

#[test]
fn sinks_are_part_of_the_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("strongroom.toml");
    let flags = crate::cli::ServeFlags {
        config: Some(path.clone()),
        ..Default::default()
    };
    let write = |to: &str| {
        let toml = format!("[[audit.sinks]]\nname = \"a\"\nsyslog = {{ to = \"{to}\" }}\n");
        std::fs::write(&path, toml).unwrap();
        Config::load(&flags)
    };

    let (taken, refused) = (write("unix:/dev/log"), write("/dev/log"));

    assert_eq!(taken.unwrap().sinks.len(), 1);
    assert!(matches!(refused, Err(ConfigError::Sinks(_))));
}

#[test]
fn the_example_of_the_documentation_is_taken() {
    let page = include_str!("../../../../../docs/audit.md");
    let (_, example) = page.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();

    let sinks = sinks(&example.replace("audit.sinks", "sinks")).unwrap();

    let kinds: Vec<&str> = sinks.iter().map(|sink| sink.kind.name()).collect();
    assert_eq!(kinds, ["syslog/tls", "https", "s3"]);
}
