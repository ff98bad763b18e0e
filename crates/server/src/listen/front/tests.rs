use super::*;
use hyper::body::Frame;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A body that comes in pieces, and then ends, breaks off or hangs.
struct Pieces {
    left: VecDeque<Bytes>,
    then: Then,
    polled: usize,
}

#[derive(Clone, Copy)]
enum Then {
    End,
    Break,
    Hang,
}

impl Pieces {
    fn of(pieces: &[&[u8]], then: Then) -> Self {
        Self {
            left: pieces
                .iter()
                .map(|piece| Bytes::copy_from_slice(piece))
                .collect(),
            then,
            polled: 0,
        }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.polled += 1;
        match (self.left.pop_front(), self.then) {
            (Some(piece), _) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            (None, Then::End) => Poll::Ready(None),
            (None, Then::Break) => Poll::Ready(Some(Err(std::io::ErrorKind::BrokenPipe.into()))),
            (None, Then::Hang) => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty() && matches!(self.then, Then::End)
    }
}

fn head(headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().uri("https://vault.example:8443/path");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

async fn read_with(body: &mut Pieces, headers: &[(&str, &str)]) -> Result<Bytes, Unread> {
    let room = Semaphore::new(1);
    let mut share = Share::of(&room);
    read(
        body,
        &head(headers),
        10,
        Duration::from_millis(20),
        &mut share,
    )
    .await
}

#[tokio::test]
async fn pieces_are_put_together() {
    for pieces in [
        &[b"".as_slice()] as &[&[u8]],
        &[],
        &[b"one"],
        &[b"one", b"two"],
        &[b"one", b"", b"two", b"last"],
        &[b"0123456789"],
    ] {
        let mut body = Pieces::of(pieces, Then::End);

        let read = read_with(&mut body, &[]).await;

        assert_eq!(read.unwrap(), pieces.concat());
    }
}

#[tokio::test]
async fn a_body_in_one_piece_is_not_copied() {
    let mut body = Pieces::of(&[b"content"], Then::End);
    let sent = body.left[0].as_ptr();

    let read = read_with(&mut body, &[("content-length", "7")])
        .await
        .unwrap();

    assert_eq!(read.as_ptr(), sent);
}

#[tokio::test]
async fn a_body_that_announces_far_too_much_is_not_read() {
    let mut body = Pieces::of(&[b"0123456789".as_slice(); 3], Then::Hang);

    let read = read_with(&mut body, &[("content-length", "100000000")]).await;

    assert_eq!(read, Err(Unread::TooLarge));
    assert_eq!(body.polled, 0);
}

#[tokio::test]
async fn a_body_a_little_too_large_is_thrown_away_before_the_refusal() {
    let mut body = Pieces::of(&[b"0123456789", b"0"], Then::End);

    let read = read_with(&mut body, &[("content-length", "11")]).await;

    assert_eq!(read, Err(Unread::TooLarge));
    assert!(body.left.is_empty());
}

#[tokio::test]
async fn a_client_that_waits_for_leave_is_refused_before_it_sends() {
    let mut body = Pieces::of(&[b"0123456789", b"0"], Then::Hang);
    let headers = [("content-length", "11"), ("expect", "100-continue")];

    let read = read_with(&mut body, &headers).await;

    assert_eq!(read, Err(Unread::TooLarge));
    assert_eq!(body.polled, 0);
}

#[tokio::test]
async fn a_body_that_announces_nothing_is_cut_at_the_limit() {
    let mut body = Pieces::of(&[b"012345", b"678901", b"more"], Then::Hang);

    let read = read_with(&mut body, &[]).await;

    assert_eq!(read, Err(Unread::TooLarge));
    assert_eq!(body.left.len(), 1);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_too_slow() {
    let mut body = Pieces::of(&[b"half"], Then::Hang);

    assert_eq!(read_with(&mut body, &[]).await, Err(Unread::TooSlow));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_broken() {
    let mut body = Pieces::of(&[b"half"], Then::Break);

    assert_eq!(read_with(&mut body, &[]).await, Err(Unread::Broken));
}

#[test]
fn the_host_comes_from_the_authority_unless_a_header_names_it() {
    let mut without = head(&[]);
    let mut with = head(&[("host", "other.example")]);

    name_host(&mut without);
    name_host(&mut with);

    assert_eq!(without.headers[HOST], "vault.example:8443");
    assert_eq!(with.headers[HOST], "other.example");
}

#[tokio::test]
async fn health_is_a_word_and_a_status() {
    for (well, status, text) in [
        (true, StatusCode::OK, "ok\n"),
        (false, StatusCode::SERVICE_UNAVAILABLE, "not ok\n"),
    ] {
        let answer = health(well);

        assert_eq!(answer.status(), status);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, text);
    }
}

#[test]
fn bodies_share_a_memory_that_has_an_end() {
    let room = Semaphore::new(3);
    let (mut one, mut other) = (Share::of(&room), Share::of(&room));

    one.grow_to(1).unwrap();
    one.grow_to(1_024).unwrap();
    one.grow_to(1_025).unwrap();
    other.grow_to(1_000).unwrap();

    assert_eq!(room.available_permits(), 0);
    assert_eq!(other.grow_to(1_025), Err(Unread::TooBusy));
    drop(one);
    assert_eq!(other.grow_to(3_072), Ok(()));
}

#[test]
fn an_origin_is_what_the_listener_says() {
    let endpoint = PrivateEndpoint::new("vpce-1".to_owned(), "vpc-1".to_owned(), None).unwrap();
    let endpoint = Arc::new(endpoint);
    let mapped: IpAddr = "::ffff:10.0.0.1".parse().unwrap();
    let seen = |entrance: &Entrance| {
        let origin = Origin::of(mapped, entrance);
        let id = origin.endpoint.map(|endpoint| endpoint.id().to_owned());
        (origin.source.to_string(), origin.is_secure, id)
    };

    let https = seen(&Entrance::public(Scheme::Https));
    let http = seen(&Entrance::public(Scheme::Http));
    let private = seen(&Entrance::private(endpoint));

    let source = String::from("10.0.0.1");
    assert_eq!(https, (source.clone(), true, None));
    assert_eq!(http, (source.clone(), false, None));
    assert_eq!(private, (source, true, Some(String::from("vpce-1"))));
}

#[test]
fn what_a_body_may_be_decoded_to_has_its_share_too() {
    let room = Semaphore::new(3);
    let mut share = Share::of(&room);
    let body = Bytes::from_static(b"compressed");
    let gzip = head(&[("content-encoding", "GZIP")]);
    share.grow_to(10).unwrap();

    share.grow_for(&head(&[]), &body, 2_000).unwrap();
    let as_it_is = room.available_permits();
    share.grow_for(&gzip, &body, 2_000).unwrap();
    let decoded = room.available_permits();

    assert_eq!((as_it_is, decoded), (2, 1));
    assert_eq!(share.grow_for(&gzip, &body, 4_000), Err(Unread::TooBusy));
}
