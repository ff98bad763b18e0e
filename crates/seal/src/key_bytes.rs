use crate::AeadKey;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base::{Entropy, SealError};
use data_encoding::BASE64;
use memmap2::{Advice, MmapMut};
use std::sync::atomic::{AtomicBool, Ordering};
use zeroize::{Zeroize as _, Zeroizing};

/// 32 bytes of key in a page of their own.
///
/// SECURITY: the page is locked in memory and left out of dumps where the system allows it, and
/// overwritten before it is given back. Where the system does not allow it the server still
/// starts, and says so once: whoever may read swap is then as good as whoever may read memory.
///
/// INVARIANT: no `Debug`, `Clone` or `Serialize`.
///
/// ```compile_fail
/// fn shown(key: strongroom_seal::KeyBytes) {
///     println!("{key:?}");
/// }
/// ```
///
/// ```compile_fail
/// fn copied(key: strongroom_seal::KeyBytes) -> strongroom_seal::KeyBytes {
///     key.clone()
/// }
/// ```
pub struct KeyBytes(MmapMut);

impl KeyBytes {
    /// A new key, drawn from `entropy`.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, SealError> {
        Self::made_by(|bytes| {
            entropy.fill(bytes);
            Ok(())
        })
    }

    /// A copy of `bytes`. Errors unless there are 32.
    pub fn of(bytes: &[u8]) -> Result<Self, SealError> {
        if bytes.len() != KEY_SIZE {
            return Err(SealError::Cipher);
        }
        Self::made_by(|page| {
            page.copy_from_slice(bytes);
            Ok(())
        })
    }

    /// Reads what [`KeyBytes::to_base64`] gives. Errors on anything else, also on a key of another
    /// length.
    pub fn from_base64(text: &[u8]) -> Result<Self, SealError> {
        if text.len() != BASE64_SIZE {
            return Err(SealError::Cipher);
        }
        let mut bytes = Zeroizing::new([0; DECODED_SIZE]);
        let length = BASE64
            .decode_mut(text, bytes.as_mut_slice())
            .map_err(|_| SealError::Cipher)?;
        Self::of(bytes.get(..length).unwrap_or_default())
    }

    /// The key in base64, in memory that is overwritten.
    pub fn to_base64(&self) -> Zeroizing<[u8; BASE64_SIZE]> {
        let mut text = Zeroizing::new([0; BASE64_SIZE]);
        BASE64.encode_mut(&self.0, text.as_mut_slice());
        text
    }

    /// A key that `fill` writes where it is to stay.
    pub fn made_by(
        fill: impl FnOnce(&mut [u8]) -> Result<(), SealError>,
    ) -> Result<Self, SealError> {
        let page = MmapMut::map_anon(KEY_SIZE).map_err(|_| SealError::Cipher)?;
        warn_once("lock", page.lock());
        warn_once("leave out of dumps", page.advise(Advice::DontDump));
        let mut key = Self(page);
        fill(&mut key.0)?;
        Ok(key)
    }

    /// The bytes. Every caller is a place that can read a key.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The key ready to work, for as long as the caller keeps it.
    ///
    /// SECURITY: the schedule is on the C library's heap, which is neither locked nor left out of
    /// dumps, and is overwritten when it is given back. So what is needed seldom is made anew each
    /// time, and only what every request needs is kept.
    pub(crate) fn aead(&self) -> Result<AeadKey, SealError> {
        AeadKey::new(&self.0)
    }

    /// Whether `other` is the same key, in a time that does not tell where they differ.
    pub fn is_same_as(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl Drop for KeyBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Whether every page of keys could be locked and left out of dumps so far.
pub fn key_pages_are_protected() -> bool {
    !REFUSED.load(Ordering::Relaxed)
}

fn warn_once(action: &'static str, outcome: std::io::Result<()>) {
    if let Err(error) = outcome
        && !REFUSED.swap(true, Ordering::Relaxed)
    {
        tracing::warn!(
            %error,
            "cannot {action} the pages that hold keys; they could be written to swap or to a dump"
        );
    }
}

static REFUSED: AtomicBool = AtomicBool::new(false);
pub(crate) const KEY_SIZE: usize = 32;
pub(crate) const BASE64_SIZE: usize = 44;
/// Room for what 44 characters may decode to, padding or not.
const DECODED_SIZE: usize = 33;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_entropy::Seeded;

    /// What the kernel says about the mapping that holds `address`.
    fn flags_of(address: usize) -> String {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut inside = false;
        for line in maps.lines() {
            let range = line.split(' ').next().unwrap().split_once('-');
            if let Some((from, to)) = range
                && let (Ok(from), Ok(to)) = (
                    usize::from_str_radix(from, 16),
                    usize::from_str_radix(to, 16),
                )
            {
                inside = (from..to).contains(&address);
            }
            if inside && let Some(flags) = line.strip_prefix("VmFlags:") {
                return format!("{flags} ");
            }
        }
        panic!("no mapping holds the key");
    }

    #[test]
    fn a_key_lies_on_a_locked_page_that_is_not_dumped() {
        let key = KeyBytes::generate(&Seeded::new(1)).unwrap();

        let flags = flags_of(key.expose().as_ptr() as usize);

        assert!(flags.contains(" dd "), "{flags}");
        assert_eq!(flags.contains(" lo "), key_pages_are_protected(), "{flags}");
    }

    #[test]
    fn only_32_bytes_are_a_key() {
        for size in [0, 16, 31, 33, 4096] {
            assert_eq!(KeyBytes::of(&vec![7; size]).err(), Some(SealError::Cipher));
        }
        assert_eq!(KeyBytes::of(&[7; 32]).unwrap().expose(), [7; 32]);
    }

    #[test]
    fn a_key_in_base64_reads_back_and_nothing_else_does() {
        let key = KeyBytes::generate(&Seeded::new(1)).unwrap();
        let text = key.to_base64();

        assert!(
            KeyBytes::from_base64(text.as_slice())
                .unwrap()
                .is_same_as(&key)
        );
        let longer = BASE64.encode(&[7; 33]);
        let shorter = BASE64.encode(&[7; 31]);
        let unpadded = &text[..BASE64_SIZE - 1];
        let wild = [b'!'; BASE64_SIZE];
        let others = [b"", longer.as_bytes(), shorter.as_bytes(), unpadded, &wild];
        for other in others {
            assert_eq!(KeyBytes::from_base64(other).err(), Some(SealError::Cipher));
        }
    }

    #[test]
    fn a_key_is_the_same_as_its_copy_and_as_no_other() {
        let key = KeyBytes::of(&[7; 32]).unwrap();
        let mut other = [7; 32];
        other[31] = 8;

        assert!(key.is_same_as(&KeyBytes::of(&[7; 32]).unwrap()));
        assert!(!key.is_same_as(&KeyBytes::of(&other).unwrap()));
    }

    #[test]
    fn a_key_that_cannot_be_filled_is_none() {
        let refused = KeyBytes::made_by(|_| Err(SealError::NotAuthentic));

        assert_eq!(refused.err(), Some(SealError::NotAuthentic));
    }
}
