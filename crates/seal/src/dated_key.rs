use crate::key_bytes::{KEY_SIZE, KeyBytes};
use base::{SealError, Timestamp};

/// A key with its number and the moment when it was made, as rings and bundles store it.
pub(crate) struct DatedKey {
    pub(crate) number: u32,
    pub(crate) created: Timestamp,
    pub(crate) bytes: KeyBytes,
}

impl DatedKey {
    /// Reads what [`write_dated`] wrote, one after the other. `None` unless they are whole, there is
    /// one at least, and their numbers ascend.
    pub(crate) fn read_all(stored: &[u8]) -> Result<Option<Vec<Self>>, SealError> {
        let (stored, rest) = stored.as_chunks::<DATED_KEY_SIZE>();
        let keys = stored
            .iter()
            .map(Self::read)
            .collect::<Result<Vec<_>, _>>()?;
        let ascending = keys.iter().map(|key| key.number).is_sorted_by(|a, b| a < b);
        let is_whole = rest.is_empty() && !keys.is_empty() && ascending;
        Ok(is_whole.then_some(keys))
    }

    fn read(stored: &[u8; DATED_KEY_SIZE]) -> Result<Self, SealError> {
        let short = || SealError::Cipher;
        let (number, rest) = stored.split_first_chunk::<4>().ok_or_else(short)?;
        let (millis, bytes) = rest.split_first_chunk::<8>().ok_or_else(short)?;
        Ok(Self {
            number: u32::from_be_bytes(*number),
            created: Timestamp::from_millis(i64::from_be_bytes(*millis)),
            bytes: KeyBytes::of(bytes)?,
        })
    }
}

/// Appends a key to `written`: number, moment in milliseconds and bytes. `written` has its room, so
/// that no growing leaves a copy behind.
pub(crate) fn write_dated(written: &mut Vec<u8>, number: u32, created: Timestamp, bytes: &[u8]) {
    written.extend_from_slice(&number.to_be_bytes());
    written.extend_from_slice(&created.as_millis().to_be_bytes());
    written.extend_from_slice(bytes);
}

pub(crate) const DATED_KEY_SIZE: usize = 4 + 8 + KEY_SIZE;

#[cfg(test)]
mod tests {
    use super::*;

    fn written(keys: &[(u32, i64, u8)]) -> Vec<u8> {
        let mut written = Vec::new();
        for &(number, millis, byte) in keys {
            let created = Timestamp::from_millis(millis);
            write_dated(&mut written, number, created, &[byte; KEY_SIZE]);
        }
        written
    }

    fn read(stored: &[u8]) -> Option<Vec<(u32, i64, u8)>> {
        let keys = DatedKey::read_all(stored).unwrap()?;
        let keys = keys.iter().map(|key| {
            let bytes = key.bytes.expose();
            assert!(bytes.iter().all(|byte| *byte == bytes[0]));
            (key.number, key.created.as_millis(), bytes[0])
        });
        Some(keys.collect())
    }

    #[test]
    fn what_is_written_reads_back() {
        for keys in [&[(1, 5, 7)][..], &[(1, 0, 7), (4, -6, 8), (u32::MAX, 9, 9)]] {
            assert_eq!(read(&written(keys)).as_deref(), Some(keys));
        }
    }

    #[test]
    fn none_half_ones_and_ones_out_of_order_are_refused() {
        let two = written(&[(1, 5, 7), (2, 6, 8)]);
        for size in (0..two.len()).filter(|size| *size != DATED_KEY_SIZE) {
            assert_eq!(read(&two[..size]), None, "{size}");
        }
        for keys in [[(2, 5, 7), (1, 6, 8)], [(1, 5, 7), (1, 6, 8)]] {
            assert_eq!(read(&written(&keys)), None, "{keys:?}");
        }
    }
}
