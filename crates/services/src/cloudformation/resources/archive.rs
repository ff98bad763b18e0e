//! A zip file of one file, which is stored as it is.

/// The zip file. `None` when the file is too large for one.
pub(super) fn of_one_file(name: &str, content: &[u8]) -> Option<Vec<u8>> {
    let size = u32::try_from(content.len()).ok()?.to_le_bytes();
    let name_size = u16::try_from(name.len()).ok()?.to_le_bytes();
    let checksum = crc32(content).to_le_bytes();
    // What the header before the file and its entry in the directory have in common: version 2.0, no
    // flags, stored, the first moment that the format knows, sizes, no extra field.
    let described: Vec<u8> = [
        &[20, 0][..],
        &[0, 0],
        &[0, 0],
        &[0, 0, 0x21, 0],
        &checksum,
        &size,
        &size,
        &name_size,
        &[0, 0],
    ]
    .concat();
    let mut zip = [
        b"PK\x03\x04",
        described.as_slice(),
        name.as_bytes(),
        content,
    ]
    .concat();
    let directory_at = u32::try_from(zip.len()).ok()?.to_le_bytes();
    // No comment, the first disk, no internal attributes, a file that all may read, at the beginning.
    let entry = [
        b"PK\x01\x02",
        &[20, 3][..],
        &described,
        &[0, 0],
        &[0, 0],
        &[0, 0],
        &[0, 0, 0xA4, 0x81],
        &[0, 0, 0, 0],
        name.as_bytes(),
    ]
    .concat();
    let entry_size = u32::try_from(entry.len()).ok()?.to_le_bytes();
    zip.extend_from_slice(&entry);
    let end = [
        b"PK\x05\x06",
        &[0, 0, 0, 0][..],
        &[1, 0, 1, 0],
        &entry_size,
        &directory_at,
        &[0, 0],
    ];
    zip.extend_from_slice(&end.concat());
    Some(zip)
}

/// The checksum of the format.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            let carried = if sum & 1 == 1 { 0xEDB8_8320 } else { 0 };
            (sum >> 1) ^ carried
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_formats() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn a_zip_file_has_its_file_and_its_directory() {
        let zip = of_one_file("index.py", b"pass\n").unwrap();

        assert_eq!(zip.len(), 30 + 8 + 5 + 46 + 8 + 22);
        assert_eq!(&zip[..4], b"PK\x03\x04");
        assert_eq!(&zip[30..43], b"index.pypass\n");
        assert_eq!(&zip[43..47], b"PK\x01\x02");
        assert_eq!(&zip[zip.len() - 22..zip.len() - 18], b"PK\x05\x06");
        assert_eq!(zip[zip.len() - 6], 43);
    }
}
