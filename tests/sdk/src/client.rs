use base::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use sigv4::{Credentials, sign};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// An access key.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

/// A small signed client on one connection without TLS: AWS's own are too slow to find races with.
pub struct Client {
    address: SocketAddr,
    keys: Keys,
    region: String,
    connection: Option<BufReader<TcpStream>>,
}

/// What the server said.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The `x-amzn-RequestId`, or nothing.
    pub request_id: String,
    /// The body as it came.
    pub text: String,
}

impl Client {
    /// A client of the server at `address`. It connects when it is used.
    pub fn new(address: SocketAddr, keys: Keys, region: &str) -> Self {
        Self {
            address,
            keys,
            region: region.to_owned(),
            connection: None,
        }
    }

    /// Calls an operation of Secrets Manager.
    ///
    /// # Errors
    /// When no whole answer came: whether the operation was carried out is unknown then.
    pub fn call(&mut self, operation: &str, body: &Value) -> io::Result<Answer> {
        let target = format!("secretsmanager.{operation}");
        self.send(&self.signed(&target, body.to_string().as_bytes(), now()))
    }

    /// Calls an operation that must succeed, and gives its output.
    #[track_caller]
    pub fn ok(&mut self, operation: &str, body: &Value) -> Value {
        let answer = self.call(operation, body).expect("the server answers");
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        answer.json()
    }

    /// Calls an operation that must be refused, and gives the exception's name.
    #[track_caller]
    pub fn refused(&mut self, operation: &str, body: &Value) -> String {
        let answer = self.call(operation, body).expect("the server answers");
        assert!(answer.status >= 400, "{operation}: {}", answer.text);
        answer.error()
    }

    /// A whole signed request, as bytes. A test may spoil it before it sends it.
    pub fn signed(&self, target: &str, body: &[u8], at: Timestamp) -> Vec<u8> {
        self.whole("secretsmanager", headers_of(target), body, at)
    }

    /// The headers of a signed request, for another way of sending it.
    pub fn signed_headers(&self, target: &str, body: &[u8]) -> HeaderMap {
        self.sign("secretsmanager", headers_of(target), body, now())
    }

    /// A whole signed request to STS, as bytes.
    pub fn signed_form(&self, form: &str, at: Timestamp) -> Vec<u8> {
        let mut headers = HeaderMap::new();
        let content_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert("content-type", content_type);
        self.whole("sts", headers, form.as_bytes(), at)
    }

    /// Sends a whole request as it is and reads the answer.
    ///
    /// # Errors
    /// When no whole answer came.
    pub fn send(&mut self, request: &[u8]) -> io::Result<Answer> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        connection.get_mut().write_all(request)?;
        let (answer, stays) = Answer::read(&mut connection)?;
        if stays {
            self.connection = Some(connection);
        }
        Ok(answer)
    }

    /// Ends the connection, so that the next request opens a new one.
    pub fn hang_up(&mut self) {
        if let Some(connection) = self.connection.take() {
            let _ = connection.get_ref().shutdown(Shutdown::Both);
        }
    }

    fn connect(&self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(BufReader::new(stream))
    }

    fn whole(&self, service: &str, headers: HeaderMap, body: &[u8], at: Timestamp) -> Vec<u8> {
        let mut headers = self.sign(service, headers, body, at);
        headers.insert("content-length", HeaderValue::from(body.len()));
        let mut bytes = b"POST / HTTP/1.1\r\n".to_vec();
        for (name, value) in &headers {
            header_line(&mut bytes, name, value);
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        bytes
    }

    fn sign(&self, service: &str, mut headers: HeaderMap, body: &[u8], at: Timestamp) -> HeaderMap {
        headers.insert("host", text(&self.address.to_string()));
        let request = sigv4::Request {
            method: "POST",
            path: "/",
            query: "",
            headers: &headers,
            body,
        };
        let credentials = Credentials {
            access_key_id: &self.keys.id,
            secret_access_key: self.keys.secret.as_bytes(),
            session_token: None,
        };
        let added = sign(&request, &credentials, &self.region, service, at).expect("it signs");
        headers.extend(added);
        headers
    }
}

impl Answer {
    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        if self.text.is_empty() {
            return json!({});
        }
        serde_json::from_str(&self.text).expect("the body is JSON")
    }

    /// The name of the exception.
    #[track_caller]
    pub fn error(&self) -> String {
        self.json()["__type"]
            .as_str()
            .expect("a refusal names its exception")
            .to_owned()
    }

    /// Reads an answer with a length. Also gives whether the connection stays open after it.
    ///
    /// # Errors
    /// When the connection ends or stalls before the answer is whole.
    pub fn read(stream: &mut impl io::BufRead) -> io::Result<(Self, bool)> {
        let status_line = line(stream)?;
        let status = status_line
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let mut answer = Self {
            status: status.ok_or_else(|| broken("no status line"))?,
            request_id: String::new(),
            text: String::new(),
        };
        let (mut length, mut stays) = (0, true);
        loop {
            let line = line(stream)?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().map_err(|_| broken("no length"))?,
                "x-amzn-requestid" => value.clone_into(&mut answer.request_id),
                "connection" => stays = value != "close",
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        answer.text = String::from_utf8(body).map_err(|_| broken("the body is not text"))?;
        Ok((answer, stays))
    }
}

fn headers_of(target: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        "content-type",
        HeaderValue::from_static("application/x-amz-json-1.1"),
    );
    headers.insert("x-amz-target", text(target));
    headers
}

/// Now, by the clock that the server goes by.
#[expect(
    clippy::disallowed_methods,
    reason = "the server under test goes by the real time"
)]
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is after 1970");
    Timestamp::from_millis(i64::try_from(since.as_millis()).expect("it is before the year 2262"))
}

fn line(stream: &mut impl io::BufRead) -> io::Result<String> {
    let mut line = String::new();
    stream.by_ref().take(LONGEST_LINE).read_line(&mut line)?;
    match line.strip_suffix("\r\n") {
        Some(text) => Ok(text.to_owned()),
        None => Err(broken("the connection ended inside a line")),
    }
}

fn header_line(bytes: &mut Vec<u8>, name: &HeaderName, value: &HeaderValue) {
    bytes.extend_from_slice(name.as_str().as_bytes());
    bytes.extend_from_slice(b": ");
    bytes.extend_from_slice(value.as_bytes());
    bytes.extend_from_slice(b"\r\n");
}

fn text(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("the text can stand in a header")
}

fn broken(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, reason.to_owned())
}

/// Longer than any answer takes; a server that hangs fails the test by it.
const PATIENCE: Duration = Duration::from_secs(60);
const LONGEST_LINE: u64 = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_length() {
        let mut stream = &b"HTTP/1.1 400 Bad Request\r\nX-Amzn-RequestId: 7\r\n\
            Connection: close\r\nContent-Length: 14\r\n\r\n{\"__type\":\"X\"}HTTP"[..];

        let (answer, stays) = Answer::read(&mut stream).unwrap();

        assert_eq!(
            (answer.status, answer.request_id.as_str(), stays),
            (400, "7", false)
        );
        assert_eq!(answer.error(), "X");
        assert_eq!(stream, b"HTTP");
    }

    #[test]
    fn a_torn_answer_is_no_answer() {
        for torn in [
            "",
            "HTTP/1.1 200",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        ] {
            assert!(Answer::read(&mut torn.as_bytes()).is_err(), "{torn}");
        }
    }
}
