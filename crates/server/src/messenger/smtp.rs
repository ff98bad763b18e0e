//! The part of SMTP that sends one mail to one address (RFC 5321, 3207, 4954).
//!
//! A refusal for good is final only where it is about this mail: in the answers to its recipient and its
//! text. Any other is about the server or its settings, which an operator mends, so it is tried again.

use crate::config::{Smtp, SmtpTls};
use crate::files;
use data_encoding::BASE64;
use rustls_pki_types::ServerName;
use services::ports::NotSent;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

/// Sends `text` to `to`. The caller bounds the time.
pub(super) async fn send(server: &Smtp, to: &str, text: &str) -> Result<(), NotSent> {
    let stream = TcpStream::connect((server.host.as_str(), server.port)).await;
    let stream = stream.map_err(|_| NotSent::for_now("cannot connect to the mail server"))?;
    match server.tls {
        SmtpTls::None => {
            // SECURITY: the name `localhost` may be given another address.
            let is_local = stream.peer_addr().is_ok_and(|peer| peer.ip().is_loopback());
            if !is_local {
                return Err(NotSent::for_now("the mail server is not on this machine"));
            }
            let mut session = Session::new(stream);
            session.expect(READY).await?;
            session.hello().await?;
            session.deliver(server, to, text).await
        }
        SmtpTls::Implicit => {
            let mut session = Session::new(encrypted(server, stream).await?);
            session.expect(READY).await?;
            session.hello().await?;
            session.deliver(server, to, text).await
        }
        SmtpTls::StartTls => {
            let mut session = Session::new(stream);
            session.expect(READY).await?;
            session.hello().await?;
            session.command("STARTTLS", READY).await?;
            // SECURITY: what came before TLS is nobody's word.
            let mut session = Session::new(encrypted(server, session.stream).await?);
            session.hello().await?;
            session.deliver(server, to, text).await
        }
    }
}

async fn encrypted(
    server: &Smtp,
    stream: TcpStream,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, NotSent> {
    let failed = |_| NotSent::for_now("TLS with the mail server failed");
    let trusted = super::trusted(server.ca_file.clone()).await?;
    let mut config = rustls::ClientConfig::clone(&trusted);
    config.alpn_protocols.clear();
    let name = ServerName::try_from(server.host.clone()).map_err(|_| {
        NotSent::for_now("the mail server has no name that a certificate could have")
    })?;
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, stream).await.map_err(failed)
}

/// A conversation.
struct Session<S> {
    stream: S,
    unread: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    fn new(stream: S) -> Self {
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    async fn hello(&mut self) -> Result<(), NotSent> {
        self.command("EHLO strongroom.invalid", OK).await
    }

    async fn deliver(&mut self, server: &Smtp, to: &str, text: &str) -> Result<(), NotSent> {
        if let Some((user, file)) = &server.login {
            let password = files::read_bounded(file, LONGEST_PASSWORD);
            let password = password.map_err(|_| NotSent::for_now("the password cannot be read"))?;
            let password = Zeroizing::new(password);
            let mut login = Zeroizing::new(Vec::with_capacity(user.len() + password.len() + 2));
            login.push(0);
            login.extend_from_slice(user.as_bytes());
            login.push(0);
            login.extend_from_slice(password.trim_ascii_end());
            let line = Zeroizing::new(format!("AUTH PLAIN {}", BASE64.encode(&login)));
            self.command(&line, LOGGED_IN).await?;
        }
        self.command(&format!("MAIL FROM:<{}>", bare(&server.from)), OK)
            .await?;
        let recipient = format!("RCPT TO:<{}>", bare(to));
        self.command_about_the_mail(&recipient, OK).await?;
        self.command_about_the_mail("DATA", GO_AHEAD).await?;
        // A line that begins with a dot would end the mail; there is none, as the body is base64.
        self.write(text.as_bytes()).await?;
        self.command_about_the_mail(".", OK).await?;
        // It is delivered, whatever the answer to this is.
        let _ = self.write(b"QUIT\r\n").await;
        Ok(())
    }

    async fn command(&mut self, line: &str, expected: u16) -> Result<(), NotSent> {
        self.say(line).await?;
        self.expect(expected).await
    }

    /// The same where a refusal for good is final.
    async fn command_about_the_mail(&mut self, line: &str, expected: u16) -> Result<(), NotSent> {
        self.say(line).await?;
        let code = self.answer().await?;
        match code {
            500..=599 => Err(NotSent::for_good(answered(code))),
            _ => is(expected, code),
        }
    }

    async fn say(&mut self, line: &str) -> Result<(), NotSent> {
        self.write(line.as_bytes()).await?;
        self.write(b"\r\n").await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), NotSent> {
        let broken = |_| NotSent::for_now(BROKEN);
        self.stream.write_all(bytes).await.map_err(broken)?;
        self.stream.flush().await.map_err(broken)
    }

    async fn expect(&mut self, expected: u16) -> Result<(), NotSent> {
        is(expected, self.answer().await?)
    }

    /// Reads the code of one answer, of however many lines.
    async fn answer(&mut self) -> Result<u16, NotSent> {
        for _ in 0..MOST_LINES {
            let line = self.line().await?;
            let (code, rest) = line.split_at_checked(3).unwrap_or_default();
            if !rest.starts_with('-') {
                return Ok(code.parse().unwrap_or_default());
            }
        }
        Err(NotSent::for_now(BROKEN))
    }

    async fn line(&mut self) -> Result<String, NotSent> {
        let broken = || NotSent::for_now(BROKEN);
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(line.trim_ascii_end()).into_owned());
            }
            if self.unread.len() > LONGEST_LINE {
                return Err(broken());
            }
            let mut piece = [0; 512];
            let read = self.stream.read(&mut piece).await.map_err(|_| broken())?;
            if read == 0 {
                return Err(broken());
            }
            self.unread
                .extend_from_slice(piece.get(..read).unwrap_or_default());
        }
    }
}

fn is(expected: u16, code: u16) -> Result<(), NotSent> {
    match code == expected {
        true => Ok(()),
        false => Err(NotSent::for_now(answered(code))),
    }
}

/// The text is the mail server's; the code says enough.
fn answered(code: u16) -> String {
    format!("the mail server answered {code}")
}

/// An address that ends where it should. SECURITY: what could end the command is left out.
fn bare(address: &str) -> String {
    let is_allowed = |c: &char| !c.is_control() && !matches!(c, '<' | '>' | ' ');
    address.chars().filter(is_allowed).collect()
}

const READY: u16 = 220;
const LOGGED_IN: u16 = 235;
const OK: u16 = 250;
const GO_AHEAD: u16 = 354;
const BROKEN: &str = "the conversation with the mail server broke off";
const LONGEST_LINE: usize = 4_096;
const LONGEST_PASSWORD: usize = 4_096;
const MOST_LINES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncBufReadExt as _, BufReader};
    use tokio::net::TcpListener;

    /// Answers each line with the next of `answers`, and gives what it was told.
    async fn told(answers: &[&str]) -> (Result<(), NotSent>, Vec<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Smtp {
            host: String::from("127.0.0.1"),
            port: listener.local_addr().unwrap().port(),
            tls: SmtpTls::None,
            login: None,
            from: String::from("sr@corp.example"),
            ca_file: None,
        };
        let heard = async {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            let mut heard = Vec::new();
            for answer in answers {
                // A client that has heard enough is no failure.
                let _ = stream.write_all(format!("{answer}\r\n").as_bytes()).await;
                let mut in_data = answer.starts_with("354");
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                        return heard;
                    }
                    let line = line.trim_end().to_owned();
                    in_data = in_data && line != ".";
                    heard.push(line);
                    if !in_data {
                        break;
                    }
                }
            }
            heard
        };
        let sent = send(&server, "ops@corp.example", "Subject: x\r\n\r\naGk=\r\n");
        tokio::join!(sent, heard)
    }

    #[tokio::test]
    async fn a_mail_is_handed_over() {
        let (sent, heard) = told(&[
            "220 ready",
            "250-mail.example\r\n250 PIPELINING",
            "250 ok",
            "250 ok",
            "354 go ahead",
            "250 queued",
        ])
        .await;

        assert_eq!(sent, Ok(()));
        assert_eq!(
            heard,
            [
                "EHLO strongroom.invalid",
                "MAIL FROM:<sr@corp.example>",
                "RCPT TO:<ops@corp.example>",
                "DATA",
                "Subject: x",
                "",
                "aGk=",
                ".",
                "QUIT",
            ]
        );
    }

    #[tokio::test]
    async fn what_the_mail_server_refuses_for_good_is_not_tried_again() {
        let (unknown, _) = told(&["220 ready", "250 ok", "250 ok", "550 no such user"]).await;
        let (busy, _) = told(&["220 ready", "250 ok", "451 later"]).await;
        let (closed, _) = told(&[]).await;

        assert_eq!(
            unknown,
            Err(NotSent::for_good("the mail server answered 550"))
        );
        assert_eq!(busy, Err(NotSent::for_now("the mail server answered 451")));
        assert_eq!(closed, Err(NotSent::for_now(BROKEN)));
    }

    #[tokio::test]
    async fn only_a_refusal_of_the_mail_itself_is_final() {
        let conversation = [
            "220 ready",
            "250 ok",
            "250 ok",
            "250 ok",
            "354 go ahead",
            "250 ok",
        ];

        for (at, is_final) in [
            (0, false),
            (1, false),
            (2, false),
            (3, true),
            (4, true),
            (5, true),
        ] {
            let mut answers = conversation;
            answers[at] = "554 no";
            let (sent, _) = told(&answers).await;

            let expected = NotSent {
                is_final,
                ..NotSent::for_now("the mail server answered 554")
            };
            assert_eq!(sent, Err(expected), "{at}");
        }
    }
}
