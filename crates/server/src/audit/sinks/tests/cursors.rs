use super::cursor::Cursor;
use super::receivers::{Receiver, Speaks};
use super::*;
use crate::config::{Syslog, SyslogPlace, SyslogTo};
use std::fs;

fn tcp(port: u16) -> SinkKind {
    SinkKind::Syslog(Syslog {
        to: SyslogTo::Tcp {
            place: SyslogPlace {
                host: String::from("127.0.0.1"),
                port,
            },
            confirm: true,
        },
        facility: 13,
        hostname: None,
        app_name: String::from("strongroom"),
        most_bytes: 8_192,
    })
}

async fn started() -> (Receiver, Rig) {
    let server = Receiver::start(Speaks::Syslog, None, &[]).await;
    let rig = Rig::new(tcp(server.port));
    (server, rig)
}

#[tokio::test]
async fn a_sink_goes_on_where_it_was_after_a_restart() {
    let (server, rig) = started().await;
    rig.log.append(10).await;
    rig.send_all().await;
    let kept = fs::read_to_string(rig.cursor()).unwrap();
    rig.log.append(10).await;

    let state = rig.send_all().await;

    assert_eq!(kept, "{\"after\":10}");
    assert_eq!(server.messages(), rig.lines());
    assert_eq!(state.sent, 10);
}

#[tokio::test]
async fn a_sink_whose_cursor_is_older_than_what_it_got_gets_that_again() {
    let (server, rig) = started().await;
    rig.log.append(10).await;
    rig.send_all().await;
    fs::write(rig.cursor(), "{\"after\":4}").unwrap();

    rig.send_all().await;

    let expected = [rig.lines(), rig.lines()[4..].to_vec()].concat();
    assert_eq!(server.messages(), expected);
}

#[tokio::test]
async fn a_sink_whose_cursor_cannot_be_read_gets_everything() {
    let (server, rig) = started().await;
    rig.log.append(3).await;
    fs::write(rig.cursor(), "{\"after\":").unwrap();

    rig.send_all().await;

    assert_eq!(server.messages(), rig.lines());
}

#[tokio::test]
async fn a_sink_that_is_ahead_of_a_log_that_was_put_back_gets_everything() {
    for ahead in ["{\"after\":45}", "{\"after\":2,\"through\":45}"] {
        let (server, rig) = started().await;
        rig.log.append(3).await;
        fs::write(rig.cursor(), ahead).unwrap();

        rig.send_all().await;

        assert_eq!(server.messages(), rig.lines(), "{ahead}");
        assert_eq!(fs::read_to_string(rig.cursor()).unwrap(), "{\"after\":3}");
    }
}

#[tokio::test]
async fn a_sink_that_begins_with_the_next_event_gets_none_before_also_after_a_restart() {
    let (server, mut rig) = started().await;
    rig.sink.begin = Begin::Next;
    rig.log.append(3).await;
    drop(rig.runner());
    rig.log.append(2).await;

    rig.send_all().await;

    assert_eq!(server.messages(), rig.lines()[3..]);
}

#[tokio::test]
async fn segments_that_are_gone_are_passed_over() {
    let (server, rig) = started().await;
    rig.log.append(60).await;
    let segments = rig.log.segments();
    fs::remove_file(&segments[0]).unwrap();

    rig.send_all().await;

    assert!(segments.len() > 2);
    assert_eq!(server.messages(), rig.lines());
}

#[tokio::test]
async fn who_has_not_got_what_is_deleted_is_named() {
    let (_server, rig) = started().await;
    rig.log.append(3).await;
    rig.send_all().await;
    let around = rig.around();
    let wanted = [rig.sink.clone()];
    let sinks = Sinks::open(&wanted, rig.log.dir.path(), &Taken::default(), &around).unwrap();

    let named = [3, 4].map(|through| sinks.behind(through).collect::<Vec<_>>());

    assert_eq!(named, [vec![], vec![("sink", 3)]]);
}

#[tokio::test]
async fn several_sinks_get_everything_side_by_side_and_one_that_is_away_keeps_no_other() {
    let (server, rig) = started().await;
    let nobody = config::Sink {
        name: String::from("nobody"),
        kind: tcp(1),
        ..rig.sink.clone()
    };
    let dir = rig.log.dir.path().join("sinks");
    let wanted = [nobody, rig.sink.clone()];
    let sinks = Sinks::open(&wanted, &dir, &Taken::default(), &rig.around()).unwrap();
    rig.log.append(20).await;

    let waiting = async {
        loop {
            let states = sinks.states().await;
            if states[0].failing && states[1].behind_events == 0 {
                return states;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let states = tokio::select! {
        () = sinks.run() => panic!("it has no end"),
        states = waiting => states,
    };

    assert_eq!(server.messages(), rig.lines());
    let through: Vec<u64> = states.iter().map(|state| state.sent_through).collect();
    assert_eq!(through, [0, 20]);
    let kept: Cursor = serde_json::from_slice(&fs::read(dir.join("sink.json")).unwrap()).unwrap();
    assert_eq!(kept.after, 20);
}

#[tokio::test]
async fn a_variable_that_is_missing_keeps_the_server_from_starting() {
    let (_server, mut rig) = started().await;
    rig.sink.kind = SinkKind::Https(config::Collector {
        url: config::Endpoint::parse("https://collector.example").unwrap(),
        format: config::Format::Ndjson,
        gzip: false,
        headers: vec![(
            http::header::AUTHORIZATION,
            config::HeaderText::Environment {
                prefix: String::new(),
                variable: String::from("TOKEN"),
            },
        )],
        ca_file: None,
        identity: None,
    });
    let (dir, around) = (rig.log.dir.path(), rig.around());

    let refused = Sinks::open(&[rig.sink.clone()], dir, &Taken::default(), &around);

    assert_eq!(
        refused.err().unwrap().to_string(),
        "the sink `sink` needs the environment variable `TOKEN`"
    );
}

#[tokio::test]
async fn an_end_sends_what_waits_for_others_and_waits_for_nobody_who_fails() {
    let (server, mut rig) = started().await;
    rig.sink.batches.longest = Duration::from_secs(3_600);
    let nobody = config::Sink {
        name: String::from("nobody"),
        kind: tcp(1),
        ..rig.sink.clone()
    };
    let dir = rig.log.dir.path().join("sinks");
    let wanted = [nobody, rig.sink.clone()];
    let sinks = Sinks::open(&wanted, &dir, &Taken::default(), &rig.around()).unwrap();
    rig.log.append(20).await;
    rig.log.sink.close();

    sinks.finish().await;

    assert_eq!(server.messages(), rig.lines());
    let through = sinks.states().await.into_iter();
    let through: Vec<u64> = through.map(|state| state.sent_through).collect();
    assert_eq!(through, [0, 20]);
}

#[tokio::test]
async fn events_wait_for_others_only_as_long_as_they_may() {
    let (server, mut rig) = started().await;
    rig.sink.batches.longest = Duration::from_millis(50);
    rig.sink.batches.events = 1_000;
    rig.log.append(2).await;
    let runner = rig.runner();

    let (state, ()) = tokio::join!(
        run_until(&runner, |state| state.behind_events == 0 && state.sent >= 5),
        rig.log.append(3)
    );

    assert_eq!(server.messages(), rig.lines());
    assert_eq!(state.last_error, None);
}
