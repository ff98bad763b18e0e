//! Bodies that clients compress, where a service's model lets them: they are decoded before they are read.
//!
//! - Of the operations only those that a service names, of the encodings only `gzip`: one member of it, with
//!   nothing behind. What is not that is read as it is, and refused like any body that cannot be read.
//! - The signature is made over the body as it is sent.
//! - SECURITY: a body is decoded before the caller is known, since it is read before, and in awsQuery even
//!   the operation stands in it. Decoded it may be no larger than a body that is not compressed, and the
//!   listener counts it so: what grows out of little costs no more than what is sent whole.

use super::call::Call;
use super::refusal::Refusal;
use super::{Unread, is_compressed};
use crate::app::App;
use crate::operation::Entry;
use crate::service::Service;
use flate2::bufread::GzDecoder;
use std::io::Read as _;

/// The body of a call of `entry`, decoded. `None`: it is to be read as it was sent.
///
/// # Errors
/// The refusal of a body that is too large.
pub(super) fn body_of(
    app: &App,
    call: &Call<'_>,
    service: &Service,
    entry: Option<&Entry>,
) -> Result<Option<Vec<u8>>, Refusal> {
    match entry.is_some_and(|entry| service.takes_compressed(entry.info.name)) {
        true => body(app, call),
        false => Ok(None),
    }
}

/// The same, whatever is called.
///
/// # Errors
/// As for [`body_of`].
pub(super) fn body(app: &App, call: &Call<'_>) -> Result<Option<Vec<u8>>, Refusal> {
    if !is_compressed(&call.request.headers) {
        return Ok(None);
    }
    match decode(&call.request.body, app.body_bytes) {
        Decoded::Whole(body) => Ok(Some(body)),
        Decoded::Malformed => Ok(None),
        Decoded::TooLarge => Err(Unread::TooLarge.refusal()),
    }
}

/// What came of decoding.
#[derive(Debug, PartialEq, Eq)]
enum Decoded {
    Whole(Vec<u8>),
    Malformed,
    TooLarge,
}

/// Decodes `body`, as far as it gives no more than `most` bytes.
fn decode(body: &[u8], most: usize) -> Decoded {
    // One more than it may have: so it shows, and nothing grows.
    let bound = most.saturating_add(1);
    let mut decoded = Vec::with_capacity(bound);
    let mut decoder = GzDecoder::new(body).take(bound as u64);
    match decoder.read_to_end(&mut decoded) {
        Ok(_) if decoded.len() > most => Decoded::TooLarge,
        Ok(_) if decoder.into_inner().into_inner().is_empty() => Decoded::Whole(decoded),
        Ok(_) | Err(_) => Decoded::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use std::io::Write as _;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_grows_beyond_the_bound_is_not_kept() {
        let bomb = gzip(&vec![0; 8 << 20]);
        let exact = gzip(&vec![0; 1 << 20]);

        assert!(bomb.len() < 16 << 10);
        assert_eq!(decode(&bomb, 1 << 20), Decoded::TooLarge);
        assert_eq!(decode(&exact, (1 << 20) - 1), Decoded::TooLarge);
        let Decoded::Whole(whole) = decode(&exact, 1 << 20) else {
            panic!("it is as large as it may be")
        };
        assert_eq!((whole.len(), whole.capacity()), (1 << 20, (1 << 20) + 1));
    }

    #[test]
    fn only_one_whole_member_with_nothing_behind_is_decoded() {
        let one = gzip(b"one");
        let mut altered = one.clone();
        // In its checksum.
        let end = altered.len() - 6;
        altered[end] ^= 1;

        assert_eq!(decode(&one, 10), Decoded::Whole(b"one".to_vec()));
        for malformed in [
            &b""[..],
            b"one",
            &one[..one.len() - 1],
            &altered,
            &[one.as_slice(), b"x"].concat(),
            &[one.as_slice(), &one].concat(),
        ] {
            assert_eq!(decode(malformed, 10), Decoded::Malformed);
        }
    }

    proptest! {
        #[test]
        fn what_was_compressed_comes_back(plain in prop::collection::vec(any::<u8>(), 0..2_000)) {
            prop_assert_eq!(decode(&gzip(&plain), 2_000), Decoded::Whole(plain));
        }

        #[test]
        fn no_bytes_give_more_than_the_bound(body in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Decoded::Whole(decoded) = decode(&body, 50) {
                prop_assert!(decoded.len() <= 50);
            }
        }
    }
}
