use super::receivers::{Manner, Receiver, Speaks};
use super::*;
use crate::audit::fixtures::Authority;
use crate::config::{Collector, Endpoint, Format, HeaderText};
use flate2::read::GzDecoder;
use http::HeaderName;
use serde_json::Value;
use std::io::Read as _;

fn plain(port: u16) -> Collector {
    Collector {
        url: Endpoint::parse(&format!("http://127.0.0.1:{port}/in?source=vault")).unwrap(),
        format: Format::Ndjson,
        gzip: false,
        headers: Vec::new(),
        ca_file: None,
        identity: None,
    }
}

async fn started(manners: &[Manner]) -> (Receiver, Rig) {
    let server = Receiver::start(Speaks::Http, None, manners).await;
    let rig = Rig::new(SinkKind::Https(plain(server.port)));
    (server, rig)
}

#[tokio::test]
async fn events_are_posted_in_batches_on_lines_of_their_own() {
    let (server, rig) = started(&[]).await;
    rig.log.append(30).await;

    rig.send_all().await;

    assert_eq!(server.lines(), rig.lines());
    let heads = server.shared.heads.lock();
    assert_eq!(heads.len(), 5);
    let head = &heads[1];
    assert!(
        head.starts_with("POST /in?source=vault HTTP/1.1\r\n"),
        "{head}"
    );
    for line in [
        "content-type: application/x-ndjson\r\n",
        "x-strongroom-first-sequence: 8\r\n",
        "x-strongroom-last-sequence: 14\r\n",
        "user-agent: strongroom\r\n",
    ] {
        assert!(head.contains(line), "{head}");
    }
}

#[tokio::test]
async fn events_are_posted_as_a_compressed_array_if_that_is_asked_for() {
    let server = Receiver::start(Speaks::Http, None, &[]).await;
    let rig = Rig::new(SinkKind::Https(Collector {
        format: Format::Json,
        gzip: true,
        ..plain(server.port)
    }));
    rig.log.append(10).await;

    rig.send_all().await;

    let bodies = server.shared.taken.lock().clone();
    let events = bodies.iter().flat_map(|body| {
        let mut text = String::new();
        GzDecoder::new(body.as_slice())
            .read_to_string(&mut text)
            .unwrap();
        serde_json::from_str::<Vec<Value>>(&text).unwrap()
    });
    let lines = rig.lines().into_iter();
    let expected: Vec<Value> = lines
        .map(|line| serde_json::from_str(&line).unwrap())
        .collect();
    assert_eq!(events.collect::<Vec<_>>(), expected);
    let head = server.shared.heads.lock().remove(0);
    assert!(head.contains("content-encoding: gzip\r\n"), "{head}");
    assert!(
        head.contains("content-type: application/json\r\n"),
        "{head}"
    );
}

#[tokio::test]
async fn a_token_comes_from_a_file_that_only_we_may_read() {
    let server = Receiver::start(Speaks::Http, None, &[]).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("token");
    let text = HeaderText::File {
        prefix: String::from("Bearer "),
        path: path.clone(),
    };
    let rig = Rig::new(SinkKind::Https(Collector {
        headers: vec![
            (HeaderName::from_static("authorization"), text),
            (
                HeaderName::from_static("x-source"),
                HeaderText::Plain(String::from("vault")),
            ),
        ],
        ..plain(server.port)
    }));
    rig.log.append(1).await;
    crate::files::write(&path, 0o644, b"hidden\n").unwrap();
    let runner = rig.runner();

    let refused = run_until(&runner, |state| state.failing).await;
    crate::files::write(&path, 0o600, b"hidden\n").unwrap();
    run_until(&runner, |state| state.behind_events == 0).await;

    let error = refused.last_error.unwrap();
    assert!(error.contains("others may read the key"), "{error}");
    assert!(!error.contains("hidden"));
    let heads = server.shared.heads.lock();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].contains("authorization: Bearer hidden\r\n"));
    assert!(heads[0].contains("x-source: vault\r\n"));
}

#[tokio::test]
async fn a_collector_that_fails_in_any_way_gets_every_event_in_order() {
    let manners = [
        Manner::Status(500, ""),
        Manner::Take,
        Manner::Close,
        Manner::Reset,
        Manner::Status(429, "retry-after: 0\r\n"),
        Manner::Hang,
        Manner::Take,
        Manner::Status(403, ""),
        Manner::Status(302, "location: http://127.0.0.1:1/\r\n"),
        Manner::Status(503, ""),
    ];
    let (server, mut rig) = started(&manners).await;
    rig.sink.timeout = Duration::from_millis(200);
    rig.log.append(50).await;

    let state = rig.send_all().await;

    assert_at_least_once_in_order(&server.lines(), &rig.lines());
    assert_eq!((state.failing, state.sent), (false, 50));
}

#[tokio::test]
async fn what_a_collector_refuses_stays_and_the_refusal_is_told() {
    let refusals = [const { Manner::Status(401, "") }; 1_000];
    let (server, rig) = started(&refusals).await;
    rig.log.append(10).await;

    let state = run_until(&rig.runner(), |state| state.failing).await;

    assert!(server.lines().is_empty());
    assert_eq!((state.sent_through, state.behind_events), (0, 10));
    assert_eq!(
        state.last_error.as_deref(),
        Some("it answered with status 401")
    );
    assert!(state.last_error_time.is_some());
}

#[tokio::test]
async fn a_collector_that_finds_a_batch_too_large_gets_smaller_ones() {
    let too_large = Manner::Status(413, "");
    let (server, rig) = started(&[too_large.clone(), too_large]).await;
    rig.log.append(10).await;

    rig.send_all().await;

    assert_eq!(server.lines(), rig.lines());
    let bodies = server.texts().into_iter();
    let sizes: Vec<usize> = bodies.map(|body| body.lines().count()).collect();
    assert_eq!(sizes, [1, 2, 4, 3]);
}

#[tokio::test]
async fn a_collector_over_tls_is_verified_and_shown_a_certificate() {
    let (authority, other) = (Authority::new(), Authority::new());
    let acceptor = authority.acceptor(true);
    let server = Receiver::start(Speaks::Http, Some(acceptor), &[]).await;
    let url = format!("https://127.0.0.1:{}/", server.port);
    let with = |trusted: &Authority, identity| {
        Rig::new(SinkKind::Https(Collector {
            url: Endpoint::parse(&url).unwrap(),
            ca_file: Some(trusted.ca_file()),
            identity,
            ..plain(1)
        }))
    };
    let verified = with(&authority, Some(authority.client()));
    let distrusting = with(&other, Some(authority.client()));
    let unknown = with(&authority, None);
    for rig in [&verified, &distrusting, &unknown] {
        rig.log.append(3).await;
    }

    verified.send_all().await;
    let refusals = [
        run_until(&distrusting.runner(), |state| state.failing).await,
        run_until(&unknown.runner(), |state| state.failing).await,
    ];

    assert_eq!(server.lines(), verified.lines());
    assert_eq!(refusals.map(|state| state.sent_through), [0, 0]);
}

#[tokio::test]
async fn only_what_the_filters_take_is_sent_and_the_rest_is_gone_past() {
    let (server, mut rig) = started(&[]).await;
    let filter = |text| crate::commands::filter(text).unwrap();
    rig.sink.filter = vec![filter("eventName=Get*"), filter("errorCode=*")];
    for event in [
        r#"{"eventName":"GetSecretValue"}"#,
        r#"{"eventName":"GetSecretValue","errorCode":"AccessDenied"}"#,
        r#"{"eventName":"PutSecretValue","errorCode":"AccessDenied"}"#,
    ] {
        rig.log.write(event).await;
    }

    let state = rig.send_all().await;

    assert_eq!(server.lines(), [rig.lines()[1].clone()]);
    assert_eq!((state.sent, state.sent_through), (1, 3));
}
