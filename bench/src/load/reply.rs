//! The few rules of HTTP/1.1 that the answers of one server on loopback need: a status line,
//! headers, and a body whose length is told.

use crate::Error;

/// Where an answer's parts are in the bytes read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Where the body begins.
    pub(crate) head: usize,
    /// Where it ends.
    pub(crate) end: usize,
}

impl Reply {
    /// Finds the answer that `bytes` begins with; `None` while it is incomplete.
    pub(crate) fn find(bytes: &[u8]) -> Result<Option<Self>, Error> {
        let Some(head) = end_of_head(bytes)? else {
            return Ok(None);
        };
        let lines = bytes.get(..head).unwrap_or_default();
        let mut lines = lines.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let status = status(lines.next().unwrap_or_default())?;
        let length = lines
            .find_map(content_length)
            .ok_or(Error::Malformed("no content-length"))??;
        let end = head
            .checked_add(length)
            .ok_or(Error::Malformed("content-length too large"))?;
        Ok((bytes.len() >= end).then_some(Self { status, head, end }))
    }
}

fn end_of_head(bytes: &[u8]) -> Result<Option<usize>, Error> {
    match bytes.windows(4).position(|window| window == b"\r\n\r\n") {
        Some(position) => Ok(Some(position + 4)),
        None if bytes.len() > MOST_HEAD => Err(Error::Malformed("the head does not end")),
        None => Ok(None),
    }
}

fn status(line: &[u8]) -> Result<u16, Error> {
    line.strip_prefix(b"HTTP/1.1 ")
        .and_then(|rest| rest.get(..3))
        .and_then(number)
        .and_then(|status| u16::try_from(status).ok())
        .ok_or(Error::Malformed("no status line of HTTP/1.1"))
}

/// The length, if `line` is the header that tells it.
fn content_length(line: &[u8]) -> Option<Result<usize, Error>> {
    let name = line.get(..LENGTH.len())?;
    let value = line.get(LENGTH.len()..)?;
    name.eq_ignore_ascii_case(LENGTH)
        .then(|| number(value.trim_ascii()).ok_or(Error::Malformed("content-length is no number")))
}

fn number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

const LENGTH: &[u8] = b"content-length:";
const MOST_HEAD: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANSWER: &[u8] =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nContent-Length: 5\r\n\r\nhello";

    #[test]
    fn a_complete_answer_is_found() {
        let reply = Reply::find(ANSWER).unwrap().unwrap();

        assert_eq!(reply.status, 200);
        assert_eq!(&ANSWER[reply.head..reply.end], b"hello");
    }

    #[test]
    fn an_incomplete_answer_is_waited_for() {
        for length in 0..ANSWER.len() {
            let found = Reply::find(&ANSWER[..length]).unwrap();

            assert_eq!(found, None, "{length}");
        }
    }

    #[test]
    fn an_empty_body_is_a_body() {
        let bytes = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length:0\r\n\r\n";

        let found = Reply::find(bytes).unwrap();

        let end = bytes.len();
        assert_eq!(
            found,
            Some(Reply {
                status: 503,
                head: end,
                end
            })
        );
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for bytes in [
            "HTTP/1.1 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 +20\r\ncontent-length: 0\r\n\r\n",
            "HTTP/2 200\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: five\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n",
            "\r\n\r\n",
        ] {
            let refused = Reply::find(bytes.as_bytes());

            assert!(matches!(refused, Err(Error::Malformed(_))), "{bytes:?}");
        }
    }

    #[test]
    fn a_head_without_end_is_refused() {
        let bytes = vec![b'x'; MOST_HEAD + 1];

        assert!(matches!(Reply::find(&bytes), Err(Error::Malformed(_))));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Reply::find(&bytes);
        }

        #[test]
        fn what_was_written_is_found(
            status in 100_u16..600,
            body in prop::collection::vec(any::<u8>(), 0..300),
            rest in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let mut bytes =
                format!("HTTP/1.1 {status} X\r\ndate: d\r\ncontent-length: {}\r\n\r\n", body.len())
                    .into_bytes();
            let head = bytes.len();
            bytes.extend_from_slice(&body);
            let end = bytes.len();
            bytes.extend_from_slice(&rest);

            prop_assert_eq!(Reply::find(&bytes).unwrap(), Some(Reply { status, head, end }));
        }
    }
}
