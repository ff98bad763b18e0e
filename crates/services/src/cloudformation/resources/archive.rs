//! A zip file of one file, which is stored as it is.

use std::io::{Cursor, Write as _};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The zip file: of one content always the same. `None` when the file is too large for one.
pub(super) fn of_one_file(name: &str, content: &[u8]) -> Option<Vec<u8>> {
    written(name, content).ok()
}

fn written(name: &str, content: &[u8]) -> Result<Vec<u8>, ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, options)?;
    zip.write_all(content)?;
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use zip::ZipArchive;

    #[test]
    fn a_zip_file_has_its_one_file_as_it_is() {
        let bytes = of_one_file("index.py", b"pass\n").unwrap();

        let mut archive = ZipArchive::new(Cursor::new(&bytes)).unwrap();
        assert_eq!(archive.len(), 1);
        let mut file = archive.by_index(0).unwrap();
        let mut content = String::new();
        file.read_to_string(&mut content).unwrap();
        assert_eq!(file.name().unwrap(), "index.py");
        assert_eq!(content, "pass\n");
        assert_eq!(file.compression(), CompressionMethod::Stored);
        assert_eq!(file.unix_mode().map(|mode| mode & 0o777), Some(0o644));
        drop(file);
        assert_eq!(of_one_file("index.py", b"pass\n"), Some(bytes));
    }
}
