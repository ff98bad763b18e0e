use zeroize::Zeroizing;

/// A secret in the clear: a value, a password, a key.
///
/// INVARIANT: no `Debug`, `Display`, `Clone`, `PartialEq` or `Serialize`, here or in any type that
/// holds one. [`Plaintext::expose`] is the only way out, with [`Exposed`] for who needs an owner, so
/// `rg 'expose\(|Exposed'` lists every place that can read a secret. The bytes are overwritten when
/// the value is dropped.
///
/// ```compile_fail
/// let secret = strongroom_base::Plaintext::from(String::from("hunter2"));
/// println!("{secret:?}");
/// ```
///
/// ```compile_fail
/// let secret = strongroom_base::Plaintext::from(String::from("hunter2"));
/// let copy = secret.clone();
/// ```
///
/// ```compile_fail
/// let secret = strongroom_base::Plaintext::from(String::from("hunter2"));
/// let text = format!("{secret}");
/// ```
///
/// ```compile_fail
/// let secret = strongroom_base::Plaintext::from(String::from("hunter2"));
/// let equal = secret == secret;
/// ```
///
/// ```compile_fail
/// fn written<T: serde::Serialize>(_: T) {}
/// written(strongroom_base::Plaintext::from(String::from("hunter2")));
/// ```
pub struct Plaintext(Zeroizing<Vec<u8>>);

impl Plaintext {
    /// Takes over `bytes`.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes. Every caller is a place that can read a secret.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<u8>> for Plaintext {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl From<String> for Plaintext {
    fn from(text: String) -> Self {
        Self::new(text.into_bytes())
    }
}

/// Lends a secret's bytes to whoever takes an owner of bytes, such as a body that is sent. They are
/// overwritten when the last reader is done.
pub struct Exposed(Plaintext);

impl Exposed {
    /// Takes over `secret`.
    pub fn new(secret: Plaintext) -> Self {
        Self(secret)
    }
}

impl AsRef<[u8]> for Exposed {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

/// A secret that comes in pieces.
///
/// SECURITY: room is made by copying into a new buffer and overwriting the old one, so that growth
/// leaves no copy behind in freed memory.
pub struct PlaintextBuffer {
    bytes: Zeroizing<Vec<u8>>,
    most: usize,
}

/// The pieces are more than was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("larger than {0} bytes")]
pub struct TooLong(usize);

impl PlaintextBuffer {
    /// Empty, for at most `most` bytes.
    pub fn with_most(most: usize) -> Self {
        Self {
            bytes: Zeroizing::default(),
            most,
        }
    }

    /// Appends `piece`.
    ///
    /// # Errors
    /// [`TooLong`] when there would be more bytes than allowed. Nothing was appended then.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), TooLong> {
        let wanted = self.bytes.len().saturating_add(piece.len());
        if wanted > self.most {
            return Err(TooLong(self.most));
        }
        if wanted > self.bytes.capacity() {
            let room = wanted.saturating_mul(2).min(self.most);
            let mut larger = Zeroizing::new(Vec::with_capacity(room));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// What was pushed.
    pub fn finish(self) -> Plaintext {
        Plaintext(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_expose_gives_the_bytes() {
        let secret = Plaintext::from(String::from("hunter2"));

        assert_eq!(secret.expose(), b"hunter2");
        assert_eq!(secret.len(), 7);
        assert!(!secret.is_empty());
    }

    #[test]
    fn an_owner_lends_the_bytes() {
        let lent = Exposed::new(Plaintext::from(String::from("hunter2")));

        assert_eq!(lent.as_ref(), b"hunter2");
    }

    #[test]
    fn a_buffer_takes_as_much_as_is_allowed() {
        let mut buffer = PlaintextBuffer::with_most(4);

        buffer.push(b"abcd").unwrap();
        let refused = buffer.push(b"e").unwrap_err();
        buffer.push(b"").unwrap();

        assert_eq!(refused, TooLong(4));
        assert_eq!(refused.to_string(), "larger than 4 bytes");
        assert_eq!(buffer.finish().expose(), b"abcd");
    }

    #[test]
    fn growth_moves_the_bytes_and_stays_within_the_limit() {
        let mut buffer = PlaintextBuffer::with_most(10);
        buffer.push(b"abc").unwrap();
        let (before, room) = (buffer.bytes.as_ptr(), buffer.bytes.capacity());

        buffer.push(b"def").unwrap();
        let in_place = buffer.bytes.as_ptr();
        buffer.push(b"g").unwrap();

        assert_eq!((in_place, room), (before, 6));
        assert_ne!(buffer.bytes.as_ptr(), before);
        assert_eq!(buffer.bytes.capacity(), 10);
        assert_eq!(buffer.finish().expose(), b"abcdefg");
    }

    proptest! {
        #[test]
        fn a_buffer_holds_what_fits_of_what_was_pushed(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 0..9),
            most in 0_usize..40,
        ) {
            let mut buffer = PlaintextBuffer::with_most(most);
            let mut expected = Vec::new();
            for piece in &pieces {
                let fits = expected.len() + piece.len() <= most;
                if fits {
                    expected.extend_from_slice(piece);
                }
                prop_assert_eq!(buffer.push(piece).is_ok(), fits);
            }
            let finished = buffer.finish();
            prop_assert_eq!(finished.expose(), expected);
        }
    }
}
