use base::Plaintext;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::{self, Debug, Formatter};
use zeroize::Zeroizing;

/// A secret on its way over the admin socket: a share or a passphrase.
///
/// SECURITY: the one type with a secret that can be written as JSON, for that way only. It is
/// overwritten when dropped, shows nothing when printed, and has no `Clone` or `PartialEq`.
pub(crate) struct Hidden(Zeroizing<String>);

impl Hidden {
    /// Takes over `text`.
    pub(crate) fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// A copy for who works with it.
    pub(crate) fn to_plaintext(&self) -> Plaintext {
        Plaintext::new(self.0.as_bytes().to_vec())
    }
}

impl Debug for Hidden {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_goes_over_the_socket_and_nowhere_else() {
        let secret = Hidden::new(Zeroizing::new(String::from("hunter2")));

        let written = serde_json::to_string(&secret).unwrap();

        assert_eq!(written, "\"hunter2\"");
        let read: Hidden = serde_json::from_str(&written).unwrap();
        assert_eq!(read.to_plaintext().expose(), b"hunter2");
        assert_eq!(format!("{secret:?}"), "(hidden)");
    }
}
