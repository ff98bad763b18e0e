//! The other side: servers of syslog and collectors on loopback addresses, which fail as they are told.

use crate::tasks::Tasks;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How a receiver treats one connection or request.
#[derive(Clone, Debug)]
pub(super) enum Manner {
    /// Takes it.
    Take,
    /// Reads some of it and resets the connection.
    Reset,
    /// Takes it and does not say so, as long as the other side waits.
    Hang,
    /// Reads it and ends without an answer.
    Close,
    /// Answers with this status and these headers.
    Status(u16, &'static str),
}

/// What came, and how the next ones are treated. Behind the last one, everything is taken.
#[derive(Default)]
pub(super) struct Shared {
    manners: Mutex<VecDeque<Manner>>,
    /// Messages, or bodies that were taken.
    pub(super) taken: Mutex<Vec<Vec<u8>>>,
    /// The heads of all requests.
    pub(super) heads: Mutex<Vec<String>>,
}

/// A receiver.
pub(super) struct Receiver {
    pub(super) port: u16,
    pub(super) shared: Arc<Shared>,
}

/// What is received.
#[derive(Clone, Copy)]
pub(super) enum Speaks {
    /// Messages of syslog with their lengths.
    Syslog,
    /// HTTP.
    Http,
}

impl Receiver {
    pub(super) async fn start(
        speaks: Speaks,
        acceptor: Option<TlsAcceptor>,
        manners: &[Manner],
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, speaks, acceptor, manners)
    }

    pub(super) fn on(
        listener: TcpListener,
        speaks: Speaks,
        acceptor: Option<TlsAcceptor>,
        manners: &[Manner],
    ) -> Self {
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            manners: Mutex::new(manners.iter().cloned().collect()),
            ..Shared::default()
        });
        let own = Arc::clone(&shared);
        let tasks = Tasks::default();
        tasks.clone().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (own, acceptor) = (Arc::clone(&own), acceptor.clone());
                tasks.spawn(async move { own.receive(stream, speaks, acceptor).await });
            }
        });
        Self { port, shared }
    }

    /// What was taken, as text.
    pub(super) fn texts(&self) -> Vec<String> {
        let taken = self.shared.taken.lock();
        let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).unwrap();
        taken.iter().map(text).collect()
    }

    /// The lines of all bodies that were taken.
    pub(super) fn lines(&self) -> Vec<String> {
        let texts = self.texts();
        texts
            .iter()
            .flat_map(|text| text.lines().map(str::to_owned))
            .collect()
    }

    /// What the messages say behind their heads.
    pub(super) fn messages(&self) -> Vec<String> {
        self.texts().iter().map(|text| said(text)).collect()
    }
}

/// What a message of syslog says behind its head.
pub(super) fn said(message: &str) -> String {
    message.split_once("] ").unwrap().1.to_owned()
}

impl Shared {
    async fn receive(&self, stream: TcpStream, speaks: Speaks, acceptor: Option<TlsAcceptor>) {
        let manner = self.manners.lock().pop_front().unwrap_or(Manner::Take);
        if matches!(manner, Manner::Reset) {
            // Closing with something unread resets.
            let mut stream = stream;
            let _ = stream.read_u8().await;
            return;
        }
        match acceptor {
            None => self.treat(stream, speaks, manner).await,
            Some(acceptor) => {
                if let Ok(stream) = acceptor.accept(stream).await {
                    self.treat(stream, speaks, manner).await;
                }
            }
        }
    }

    async fn treat(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        speaks: Speaks,
        manner: Manner,
    ) {
        match speaks {
            Speaks::Syslog => self.take_messages(stream, manner).await,
            Speaks::Http => self.answer(stream, manner).await,
        }
    }

    async fn take_messages(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, manner: Manner) {
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all).await;
        let mut rest = all.as_slice();
        while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
            let length: usize = std::str::from_utf8(&rest[..space])
                .unwrap()
                .parse()
                .unwrap();
            let message = &rest[space + 1..space + 1 + length];
            self.taken.lock().push(message.to_vec());
            rest = &rest[space + 1 + length..];
        }
        if matches!(manner, Manner::Hang) {
            tokio::time::sleep(FOR_EVER).await;
        }
        let _ = stream.shutdown().await;
    }

    async fn answer(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, manner: Manner) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.unwrap().parse().unwrap()];
        if stream.read_exact(&mut body).await.is_err() {
            return;
        }
        self.heads.lock().push(head);
        let (status, headers) = match manner {
            Manner::Take => (200, ""),
            Manner::Status(status, headers) => (status, headers),
            Manner::Hang => return tokio::time::sleep(FOR_EVER).await,
            Manner::Close | Manner::Reset => return,
        };
        if status == 200 {
            self.taken.lock().push(body);
        }
        let answer = format!("HTTP/1.1 {status} X\r\n{headers}content-length: 2\r\n\r\nok");
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}

/// Longer than any test.
const FOR_EVER: Duration = Duration::from_secs(3_600);
