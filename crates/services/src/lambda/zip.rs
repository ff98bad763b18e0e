//! What a zip file says of itself, read before it is stored.
//!
//! Only the directory at its end is looked at, to tell a zip file from what is none, and to bound what
//! it unpacks to. Whoever unpacks it checks for itself.

use super::error::Error;

/// Refuses what is no zip file, and one that would unpack to more than 250 MiB.
///
/// # Errors
/// [`Error::InvalidParameter`] in AWS's words.
pub(super) fn examine(bytes: &[u8]) -> Result<(), Error> {
    let refuse = |text: &str| Error::InvalidParameter(text.to_owned());
    if bytes.is_empty() {
        return Err(refuse("Uploaded file must be a non-empty zip"));
    }
    if bytes.len() > MOST_PACKED {
        return Err(refuse("Zipped size must be smaller than 52428800 bytes"));
    }
    let unpacked = unpacked_size(bytes).ok_or_else(|| refuse(NO_ZIP))?;
    if unpacked > MOST_UNPACKED {
        return Err(refuse("Unzipped size must be smaller than 262144000 bytes"));
    }
    Ok(())
}

/// The sum of the sizes in the directory. `None` when there is no directory, or one that is not whole.
fn unpacked_size(bytes: &[u8]) -> Option<u64> {
    let end = find_end(bytes)?;
    let count = u16_at(bytes, end + 10)?;
    let mut entry = usize::try_from(u32_at(bytes, end + 16)?).ok()?;
    let mut size = 0_u64;
    for _ in 0..count {
        if bytes.get(entry..entry.checked_add(4)?)? != ENTRY {
            return None;
        }
        size = size.saturating_add(u64::from(u32_at(bytes, entry + 24)?));
        let name = usize::from(u16_at(bytes, entry + 28)?);
        let extra = usize::from(u16_at(bytes, entry + 30)?);
        let comment = usize::from(u16_at(bytes, entry + 32)?);
        entry = entry.checked_add(ENTRY_SIZE + name + extra + comment)?;
    }
    (entry <= end).then_some(size)
}

/// Where the record at the end begins: nothing but a comment of bounded length follows it.
fn find_end(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(END_SIZE)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    (first..=last).rev().find(|start| {
        bytes.get(*start..start + 4) == Some(&END)
            && u16_at(bytes, start + 20)
                .is_some_and(|comment| start + END_SIZE + usize::from(comment) == bytes.len())
    })
}

fn u16_at(bytes: &[u8], place: usize) -> Option<u16> {
    let two = bytes.get(place..place.checked_add(2)?)?;
    Some(u16::from_le_bytes(two.try_into().ok()?))
}

fn u32_at(bytes: &[u8], place: usize) -> Option<u32> {
    let four = bytes.get(place..place.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

/// 50 MiB, as AWS takes directly.
const MOST_PACKED: usize = 50 << 20;
const MOST_UNPACKED: u64 = 250 << 20;
const NO_ZIP: &str =
    "Could not unzip uploaded file. Please check your file, then try to upload again.";
const END: [u8; 4] = *b"PK\x05\x06";
const END_SIZE: usize = 22;
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const ENTRY_SIZE: usize = 46;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A directory of entries with these sizes, without the files.
    fn zip(sizes: &[u32], comment: &[u8]) -> Vec<u8> {
        let mut bytes = b"before".to_vec();
        let start = bytes.len();
        for size in sizes {
            let mut entry = [0; ENTRY_SIZE];
            entry[..4].copy_from_slice(&ENTRY);
            entry[24..28].copy_from_slice(&size.to_le_bytes());
            entry[28] = 1;
            bytes.extend(entry);
            bytes.push(b'f');
        }
        let mut end = [0; END_SIZE];
        end[..4].copy_from_slice(&END);
        end[10..12].copy_from_slice(&u16::try_from(sizes.len()).unwrap().to_le_bytes());
        end[16..20].copy_from_slice(&u32::try_from(start).unwrap().to_le_bytes());
        end[20..22].copy_from_slice(&u16::try_from(comment.len()).unwrap().to_le_bytes());
        bytes.extend(end);
        bytes.extend(comment);
        bytes
    }

    fn refusal(bytes: &[u8]) -> Option<String> {
        examine(bytes).err().map(|error| error.to_string())
    }

    #[test]
    fn a_zip_file_is_known_by_its_end() {
        assert_eq!(refusal(&zip(&[], b"")), None);
        assert_eq!(refusal(&zip(&[1, 2], b"a comment")), None);
        for other in [&b"hello"[..], &zip(&[1], b"")[..60], &[0; 100]] {
            assert_eq!(refusal(other).as_deref(), Some(NO_ZIP));
        }
        assert_eq!(
            refusal(b"").as_deref(),
            Some("Uploaded file must be a non-empty zip")
        );
    }

    #[test]
    fn sizes_are_bounded() {
        let half = 125 << 20;

        assert_eq!(refusal(&zip(&[half, half], b"")), None);
        assert_eq!(
            refusal(&zip(&[half, half, 1], b"")).as_deref(),
            Some("Unzipped size must be smaller than 262144000 bytes")
        );
        assert_eq!(
            refusal(&vec![0; MOST_PACKED + 1]).as_deref(),
            Some("Zipped size must be smaller than 52428800 bytes")
        );
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..90, byte: u8) {
            let _ = examine(&bytes);
            let mut spoilt = zip(&[3, 4], b"");
            if let Some(place) = spoilt.get_mut(at) {
                *place = byte;
            }
            let _ = examine(&spoilt);
        }
    }
}
