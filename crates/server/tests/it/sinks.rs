//! Sinks of the audit log: whatever fails meanwhile, each event arrives, and in order.

use crate::server::{Data, Server, complaint, until};
use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The other side of a sink, and the lines that it took.
struct Receiver {
    port: u16,
    lines: Arc<Mutex<Vec<String>>>,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    /// A collector that fails every third time: it takes the events and says that it did not.
    fn collector() -> Self {
        Self::start(|mut stream, number, lines, heads| {
            let (head, body) = read_request(&mut stream)?;
            let text = String::from_utf8(body).unwrap();
            lines.extend(text.lines().map(str::to_owned));
            heads.push(head);
            let status = if number % 3 == 2 { 500 } else { 200 };
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).ok()
        })
    }

    /// A server of syslog that resets every third connection.
    fn syslog() -> Self {
        Self::start(|mut stream, number, lines, _| {
            if number % 3 == 2 {
                // Closing with something unread resets.
                return stream.read(&mut [0]).ok().map(|_| ());
            }
            let mut all = String::new();
            stream.read_to_string(&mut all).ok()?;
            let mut rest = all.as_str();
            while let Some((length, behind)) = rest.split_once(' ') {
                let (message, next) = behind.split_at(length.parse().unwrap());
                lines.push(message.split_once("] ").unwrap().1.to_owned());
                rest = next;
            }
            Some(())
        })
    }

    fn start(
        take: impl Fn(TcpStream, usize, &mut Vec<String>, &mut Vec<String>) -> Option<()>
        + Send
        + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self {
            port: listener.local_addr().unwrap().port(),
            lines: Arc::default(),
            heads: Arc::default(),
        };
        let (lines, heads) = (Arc::clone(&receiver.lines), Arc::clone(&receiver.heads));
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let stream = stream.unwrap();
                stream
                    .set_read_timeout(Some(Duration::from_secs(60)))
                    .unwrap();
                let (mut own_lines, mut own_heads) = (Vec::new(), Vec::new());
                // A sender that died in between is what the test is about.
                if take(stream, number, &mut own_lines, &mut own_heads).is_some() {
                    lines.lock().unwrap().extend(own_lines);
                    heads.lock().unwrap().extend(own_heads);
                }
            }
        });
        receiver
    }

    /// The lines that came, each where it came first.
    fn first_times(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        let lines = self.lines.lock().unwrap();
        let mut first_times = lines.clone();
        first_times.retain(|line| seen.insert(line.clone()));
        first_times
    }
}

fn read_request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}

fn configured(data: &Data, collector: &Receiver, syslog: &Receiver) -> String {
    data.config(&format!(
        r#"
        [audit]
        sync_interval_ms = 5
        segment_bytes = 4096
        [[audit.sinks]]
        name = "collector"
        batch_events = 3
        batch_seconds = 0
        [audit.sinks.https]
        url = "http://127.0.0.1:{}/in"
        headers = [{{ name = "authorization", prefix = "Bearer ", env = "SINK_TOKEN" }}]
        [[audit.sinks]]
        name = "siem"
        batch_events = 4
        [audit.sinks.syslog]
        to = "tcp://127.0.0.1:{}"
        "#,
        collector.port, syslog.port
    ))
}

/// Leaves an event.
fn ask(server: &Server) {
    assert_eq!(server.get("/").status, 404);
}

#[test]
fn every_event_arrives_in_order_at_every_sink_of_a_server_that_is_killed_again_and_again() {
    let (data, collector, syslog) = (Data::new(), Receiver::collector(), Receiver::syslog());
    let config = configured(&data, &collector, &syslog);
    let flags = ["--config", &config];
    let token = [("SINK_TOKEN", "hidden-token")];

    for round in 1..8 {
        let server = data.start_in(&flags, &token);
        for _ in 0..round * 2 {
            ask(&server);
        }
        server.kill();
    }
    let server = data.start_in(&flags, &token);
    let expected: Vec<String> = data.audit().lines().map(str::to_owned).collect();
    for sink in [&collector, &syslog] {
        until(|| sink.first_times().len() >= expected.len());
    }
    assert_eq!(server.stop(), Some(0));

    assert!(expected.len() > 56);
    for sink in [&collector, &syslog] {
        assert_eq!(sink.first_times()[..expected.len()], expected);
    }
    let heads = collector.heads.lock().unwrap();
    let has_token = |head: &String| head.contains("authorization: Bearer hidden-token\r\n");
    assert!(heads.iter().all(has_token));
    assert!(data.audit_is_whole());
}

#[test]
fn an_operator_sees_how_sinks_stand_and_requests_do_not_wait_for_them() {
    let data = Data::new();
    let config = data.config(
        "[audit]\nsync_interval_ms = 5\n[[audit.sinks]]\nname = \"nobody\"\nsyslog = { to = \
         \"tcp://127.0.0.1:1\" }\n",
    );
    let server = data.start_with(&["--config", &config]);
    for _ in 0..20 {
        ask(&server);
    }

    let state = || data.json(&["audit", "sinks", "--json"])[0].clone();
    until(|| state()["Failing"] == true);
    let (shown, text) = (state(), data.command(&["audit", "sinks"]));

    assert_eq!(
        (&shown["Sink"], &shown["Kind"]),
        (&"nobody".into(), &"syslog/tcp".into())
    );
    assert_eq!(
        (shown["SentThrough"].as_u64(), shown["Sent"].as_u64()),
        (Some(0), Some(0))
    );
    assert!(shown["BehindEvents"].as_u64() > Some(20), "{shown}");
    let error = shown["LastError"].as_str().unwrap();
    assert!(error.contains("refused"), "{error}");
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.starts_with("SINK    KIND        STATE    SENT THROUGH  BEHIND"),
        "{text}"
    );
    assert!(text.contains("nobody  syslog/tcp  failing  0"), "{text}");
    assert_eq!(server.stop(), Some(0));
    assert!(data.audit().contains("\"eventName\":\"ListAuditSinks\""));
}

#[test]
fn a_server_whose_sink_lacks_its_secret_does_not_start() {
    let (data, collector, syslog) = (Data::new(), Receiver::collector(), Receiver::syslog());
    let config = configured(&data, &collector, &syslog);

    let refused = data.refused(&["--config", &config]);
    let without = complaint(&data.command(&["audit", "sinks"]));

    assert_eq!(
        refused,
        "the sink `collector` needs the environment variable `SINK_TOKEN`"
    );
    assert!(without.contains("server"), "{without}");
}
