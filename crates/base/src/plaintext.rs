use zeroize::Zeroizing;

/// A secret in the clear: a value, a password, a key.
///
/// INVARIANT: no `Debug`, `Display`, `Clone`, `PartialEq` or `Serialize`, here or in any type that
/// holds one. [`Plaintext::expose`] is the only way out, so `rg 'expose\('` lists every place that
/// can read a secret. The bytes are overwritten when the value is dropped.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_expose_gives_the_bytes() {
        let secret = Plaintext::from(String::from("hunter2"));

        assert_eq!(secret.expose(), b"hunter2");
        assert_eq!(secret.len(), 7);
        assert!(!secret.is_empty());
    }
}
