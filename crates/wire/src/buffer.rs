use std::fmt;
use zeroize::Zeroizing;

/// The complete body of an answer. Overwritten when dropped, since it may carry a secret.
///
/// INVARIANT: no `Debug` and no `Clone`.
pub struct Body(Zeroizing<Vec<u8>>);

impl Body {
    /// A body of nothing.
    pub fn empty() -> Self {
        Self(Zeroizing::new(Vec::new()))
    }

    /// A copy of `bytes`, a secret or not.
    pub fn copied(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Bytes under construction.
///
/// INVARIANT: memory that held any of them is overwritten before it is freed, also when the buffer
/// grows: a `Vec` left to grow by itself would free its old, smaller memory as it is.
pub(crate) struct Buffer(Zeroizing<Vec<u8>>);

impl Buffer {
    /// An empty buffer with room for an answer of usual size.
    pub(crate) fn new() -> Self {
        Self::with_capacity(USUAL_SIZE)
    }

    /// An empty buffer with room for `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(capacity)))
    }

    /// Appends `bytes`.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// Appends one byte.
    pub(crate) fn push_byte(&mut self, byte: u8) {
        self.push(&[byte]);
    }

    /// Appends `character` as UTF-8.
    pub(crate) fn push_char(&mut self, character: char) {
        let mut utf8 = [0; 4];
        self.push(character.encode_utf8(&mut utf8).as_bytes());
    }

    /// Appends `size` bytes of zero and lends them out to be written over.
    pub(crate) fn push_blank(&mut self, size: usize) -> &mut [u8] {
        self.reserve(size);
        let start = self.0.len();
        self.0.resize(start.saturating_add(size), 0);
        self.0.get_mut(start..).unwrap_or_default()
    }

    /// Makes room for `additional` bytes without moving again.
    pub(crate) fn reserve(&mut self, additional: usize) {
        let needed = self.0.len().saturating_add(additional);
        if needed > self.0.capacity() {
            let capacity = needed.max(self.0.capacity().saturating_mul(2));
            let mut larger = Zeroizing::new(Vec::with_capacity(capacity));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
    }

    /// The bytes.
    pub(crate) fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.0
    }

    /// The bytes, as a complete body.
    pub(crate) fn into_body(self) -> Body {
        Body(self.0)
    }
}

impl fmt::Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

/// Above the answer to a `GetSecretValue` of a short secret. Kept low, as overwriting costs time in
/// proportion.
const USUAL_SIZE: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_body_can_be_handed_to_another_thread() {
        fn is_owner<T: AsRef<[u8]> + Send + 'static>(_: &T) {}
        let mut buffer = Buffer::new();
        buffer.push(b"x");

        let body = buffer.into_body();

        is_owner(&body);
        assert_eq!(body.as_ref(), b"x");
    }

    #[test]
    fn reserved_room_is_not_left() {
        let mut buffer = Buffer::with_capacity(0);
        buffer.reserve(100);
        let before = buffer.0.as_ptr();

        buffer.push(&[1; 60]);
        buffer.push_blank(40).fill(2);

        assert_eq!(buffer.0.as_ptr(), before);
        assert_eq!(
            *buffer.into_bytes(),
            [[1; 60].as_slice(), &[2; 40]].concat()
        );
    }

    proptest! {
        #[test]
        fn pieces_come_out_in_order(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..90), 0..20)) {
            let mut buffer = Buffer::with_capacity(3);

            for piece in &pieces {
                buffer.push(piece);
            }

            prop_assert_eq!(&*buffer.into_bytes(), &pieces.concat());
        }
    }
}
