/// Where chance comes from: ids, nonces, keys, passwords and jitter.
///
/// The server passes the operating system's generator; tests pass a seeded one.
pub trait Entropy: Send + Sync {
    /// Fills `buf` with random bytes.
    fn fill(&self, buf: &mut [u8]);

    /// Fills `buf` with random bytes that are to be told to others, such as ids: they may have been
    /// drawn ahead, and lain in memory.
    fn fill_public(&self, buf: &mut [u8]) {
        self.fill(buf);
    }
}

/// A random (version 4) UUID in its 36-character lower-case form.
pub fn random_uuid(entropy: &dyn Entropy) -> String {
    let mut bytes = [0_u8; 16];
    entropy.fill_public(&mut bytes);
    let [.., version, _, variant, _, _, _, _, _, _, _] = &mut bytes;
    *version = (*version & 0x0f) | 0x40;
    *variant = (*variant & 0x3f) | 0x80;
    let mut text = String::with_capacity(36);
    for (position, byte) in bytes.into_iter().enumerate() {
        if matches!(position, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        data_encoding::HEXLOWER.encode_append(&[byte], &mut text);
    }
    text
}

/// A number in `0..bound`, every one equally likely. `bound` 0 gives 0.
pub fn random_below(entropy: &dyn Entropy, bound: u32) -> u32 {
    if bound == 0 {
        return 0;
    }
    // SECURITY: values in the last, partial run of `bound` are drawn again, so that the remainder
    // does not favour small numbers.
    let limit = u32::MAX - u32::MAX % bound;
    loop {
        let mut bytes = [0_u8; 4];
        entropy.fill(&mut bytes);
        let drawn = u32::from_le_bytes(bytes);
        if drawn < limit {
            return drawn % bound;
        }
    }
}

/// `length` characters of `A-Z a-z 0-9`, as in the suffix of a secret's ARN.
pub fn random_alphanumeric(entropy: &dyn Entropy, length: usize) -> String {
    (0..length)
        .map(|_| {
            let drawn = random_below(entropy, 62);
            let (base, offset) = match drawn {
                0..26 => (b'A', drawn),
                26..52 => (b'a', drawn - 26),
                _ => (b'0', drawn - 52),
            };
            char::from(base.saturating_add(u8::try_from(offset).unwrap_or_default()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Counting(AtomicU64);

    impl Entropy for Counting {
        fn fill(&self, buf: &mut [u8]) {
            for byte in buf {
                let n = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
                *byte = (n >> 56) as u8;
            }
        }
    }

    #[test]
    fn a_uuid_has_version_4_and_the_rfc_variant() {
        let uuid = random_uuid(&Counting(AtomicU64::new(7)));

        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes()[14], b'4');
        assert!(
            matches!(uuid.as_bytes()[19], b'8' | b'9' | b'a' | b'b'),
            "{uuid}"
        );
        assert_eq!(uuid.matches('-').count(), 4);
    }

    #[test]
    fn numbers_below_a_bound_cover_the_whole_range_and_no_more() {
        let entropy = Counting(AtomicU64::new(1));

        let mut seen = [false; 6];
        for _ in 0..1_000 {
            seen[random_below(&entropy, 6) as usize] = true;
        }

        assert_eq!(seen, [true; 6]);
        assert_eq!(random_below(&entropy, 0), 0);
    }

    #[test]
    fn alphanumerics_use_all_three_classes() {
        let text = random_alphanumeric(&Counting(AtomicU64::new(3)), 500);

        assert_eq!(text.len(), 500);
        assert!(text.chars().all(|c| c.is_ascii_alphanumeric()));
        assert!(text.chars().any(|c| c.is_ascii_uppercase()));
        assert!(text.chars().any(|c| c.is_ascii_lowercase()));
        assert!(text.chars().any(|c| c.is_ascii_digit()));
    }
}
