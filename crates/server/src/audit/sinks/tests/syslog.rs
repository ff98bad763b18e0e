use super::receivers::{Manner, Receiver, Speaks, said};
use super::*;
use crate::audit::fixtures::Authority;
use crate::config::{Syslog, SyslogPlace, SyslogTo};
use tokio::net::{TcpListener, UdpSocket, UnixDatagram};

fn place(port: u16) -> SyslogPlace {
    SyslogPlace {
        host: String::from("127.0.0.1"),
        port,
    }
}

fn to(to: SyslogTo) -> SinkKind {
    SinkKind::Syslog(Syslog {
        to,
        facility: 13,
        hostname: Some(String::from("vault-1")),
        app_name: String::from("strongroom"),
        most_bytes: 8_192,
    })
}

fn tcp(port: u16, confirm: bool) -> SinkKind {
    to(SyslogTo::Tcp {
        place: place(port),
        confirm,
    })
}

fn tls(port: u16, authority: &Authority, identity: Option<config::Supplied>) -> SinkKind {
    to(SyslogTo::Tls {
        place: place(port),
        confirm: true,
        ca_file: Some(authority.ca_file()),
        identity,
    })
}

#[tokio::test]
async fn every_event_comes_over_tcp_as_it_stands_in_the_log() {
    let server = Receiver::start(Speaks::Syslog, None, &[]).await;
    let rig = Rig::new(tcp(server.port, true));
    rig.log.append(30).await;

    let state = rig.send_all().await;

    assert_eq!(server.messages(), rig.lines());
    assert_eq!(
        (state.sent, state.failing, state.last_error),
        (30, false, None)
    );
    let first = server.texts().remove(0);
    assert!(first.starts_with("<110>1 - vault-1 strongroom "), "{first}");
}

#[tokio::test]
async fn every_event_comes_over_tls() {
    let authority = Authority::new();
    let acceptor = authority.acceptor(false);
    let server = Receiver::start(Speaks::Syslog, Some(acceptor), &[]).await;
    let rig = Rig::new(tls(server.port, &authority, None));
    rig.log.append(30).await;

    rig.send_all().await;

    assert_eq!(server.messages(), rig.lines());
}

#[tokio::test]
async fn a_server_that_asks_is_shown_a_certificate() {
    let authority = Authority::new();
    let acceptor = authority.acceptor(true);
    let server = Receiver::start(Speaks::Syslog, Some(acceptor), &[]).await;
    let known = Rig::new(tls(server.port, &authority, Some(authority.client())));
    let unknown = Rig::new(tls(server.port, &authority, None));
    known.log.append(3).await;
    unknown.log.append(3).await;

    known.send_all().await;
    let refused = run_until(&unknown.runner(), |state| state.failing).await;

    assert_eq!(server.messages(), known.lines());
    assert_eq!(refused.sent_through, 0);
}

#[tokio::test]
async fn a_server_that_is_not_trusted_gets_nothing() {
    let (authority, other) = (Authority::new(), Authority::new());
    let acceptor = other.acceptor(false);
    let server = Receiver::start(Speaks::Syslog, Some(acceptor), &[]).await;
    let rig = Rig::new(tls(server.port, &authority, None));
    rig.log.append(3).await;

    let state = run_until(&rig.runner(), |state| state.failing).await;

    assert!(server.texts().is_empty());
    assert_eq!((state.sent_through, state.behind_events), (0, 3));
    let error = state.last_error.unwrap();
    assert!(error.contains("certificate"), "{error}");
}

#[tokio::test]
async fn every_event_comes_over_udp_where_none_is_lost() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let rig = Rig::new(to(SyslogTo::Udp(place(
        socket.local_addr().unwrap().port(),
    ))));
    rig.log.append(30).await;

    rig.send_all().await;

    let mut got = Vec::new();
    let mut message = vec![0; 65_536];
    for _ in 0..30 {
        let length = socket.recv(&mut message).await.unwrap();
        got.push(said(std::str::from_utf8(&message[..length]).unwrap()));
    }
    assert_eq!(got, rig.lines());
}

#[tokio::test]
async fn every_event_comes_to_a_socket_of_the_host() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let socket = UnixDatagram::bind(&path).unwrap();
    let rig = Rig::new(to(SyslogTo::Unix(path)));
    rig.log.append(30).await;

    let receiving = async {
        let mut got = Vec::new();
        let mut message = vec![0; 65_536];
        while got.len() < 30 {
            let length = socket.recv(&mut message).await.unwrap();
            got.push(said(std::str::from_utf8(&message[..length]).unwrap()));
        }
        got
    };
    let (_, got) = tokio::join!(rig.send_all(), receiving);

    assert_eq!(got, rig.lines());
}

#[tokio::test]
async fn a_server_that_breaks_off_gets_what_it_may_not_have_again() {
    let manners = [Manner::Take, Manner::Reset, Manner::Reset];
    let server = Receiver::start(Speaks::Syslog, None, &manners).await;
    let rig = Rig::new(tcp(server.port, true));
    rig.log.append(30).await;

    let state = rig.send_all().await;

    assert_at_least_once_in_order(&server.messages(), &rig.lines());
    assert!(!state.failing && state.last_error.is_some());
}

#[tokio::test]
async fn a_server_that_does_not_close_does_not_have_it() {
    let server = Receiver::start(Speaks::Syslog, None, &[Manner::Hang]).await;
    let mut rig = Rig::new(tcp(server.port, true));
    rig.sink.timeout = Duration::from_millis(50);
    rig.log.append(3).await;

    let state = rig.send_all().await;

    let twice = [rig.lines(), rig.lines()].concat();
    assert_eq!(server.messages(), twice);
    assert_eq!(state.last_error.as_deref(), Some("it took too long"));
}

#[tokio::test]
async fn where_nothing_is_to_be_confirmed_nothing_is_waited_for() {
    let server = Receiver::start(Speaks::Syslog, None, &[Manner::Hang]).await;
    let rig = Rig::new(tcp(server.port, false));
    rig.log.append(3).await;

    let state = rig.send_all().await;

    assert_eq!(state.last_error, None);
}

#[tokio::test]
async fn a_server_that_was_away_gets_everything_when_it_is_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let rig = Rig::new(tcp(address.port(), true));
    rig.log.append(10).await;
    let runner = rig.runner();

    let away = run_until(&runner, |state| state.failing).await;
    let listener = TcpListener::bind(address).await.unwrap();
    let server = Receiver::on(listener, Speaks::Syslog, None, &[]);
    let back = run_until(&runner, |state| state.behind_events == 0).await;

    assert_eq!((away.sent_through, away.behind_events), (0, 10));
    assert_eq!(server.messages(), rig.lines());
    assert!(!back.failing && back.last_error.is_some());
}
