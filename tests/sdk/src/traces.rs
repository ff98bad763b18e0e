use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use std::fs;
use std::path::{Path, PathBuf};

/// Every form in which a value could lie around: as it is, in base64 at each alignment, in hex, in
/// UTF-16.
pub struct Traces {
    forms: Vec<(String, Vec<u8>)>,
}

impl Traces {
    /// The forms of `values`.
    pub fn of<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut forms = Vec::new();
        for (number, value) in values.into_iter().enumerate() {
            let mut add = |form: &str, bytes: Vec<u8>| {
                forms.push((format!("value {number} in {form}"), bytes));
            };
            add("the clear", value.to_vec());
            add("hex", HEXLOWER.encode(value).into_bytes());
            add("upper hex", HEXUPPER.encode(value).into_bytes());
            add(
                "UTF-16LE",
                value.iter().flat_map(|byte| [*byte, 0]).collect(),
            );
            add(
                "UTF-16BE",
                value.iter().flat_map(|byte| [0, *byte]).collect(),
            );
            for shift in 0..3 {
                add("base64", core_of_base64(value, shift, &BASE64));
                add("base64url", core_of_base64(value, shift, &BASE64URL));
            }
        }
        Self { forms }
    }

    /// The forms that are in `bytes`, by name.
    pub fn in_bytes(&self, bytes: &[u8]) -> Vec<&str> {
        let found = self.forms.iter().filter(|(_, form)| holds(bytes, form));
        found.map(|(name, _)| name.as_str()).collect()
    }

    /// What is found in the files under `directory`, one line each; nothing is what we want.
    pub fn in_files(&self, directory: &Path) -> Vec<String> {
        let files = files_under(directory);
        assert!(
            !files.is_empty(),
            "there is nothing to search in {}",
            directory.display()
        );
        let mut found = Vec::new();
        for file in files {
            // A file may go while we look: SQLite removes its log as it closes.
            let Ok(bytes) = fs::read(&file) else { continue };
            for form in self.in_bytes(&bytes) {
                found.push(format!("{form} in {}", file.display()));
            }
        }
        found
    }
}

/// The regular files under `directory`, at any depth.
pub fn files_under(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut left = vec![directory.to_owned()];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(&directory).expect("the folder can be listed") {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                left.push(path);
            } else if path.is_file() {
                files.push(path);
            }
        }
    }
    files
}

/// The characters of base64 that depend on `value` alone when `shift` bytes come before it.
fn core_of_base64(value: &[u8], shift: usize, encoding: &data_encoding::Encoding) -> Vec<u8> {
    let mut bytes = vec![0; shift];
    bytes.extend_from_slice(value);
    let text = encoding.encode(&bytes).into_bytes();
    let from = (shift * 8).div_ceil(6);
    let to = bytes.len() * 8 / 6;
    text[from..to].to_vec()
}

fn holds(bytes: &[u8], form: &[u8]) -> bool {
    let Some((first, rest)) = form.split_first() else {
        return false;
    };
    let mut left = bytes;
    while let Some(at) = left.iter().position(|byte| byte == first) {
        left = &left[at + 1..];
        if left.starts_with(rest) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &[u8] = b"hunter2-hunter2";

    #[test]
    fn a_value_is_found_in_every_form() {
        let traces = Traces::of([VALUE]);
        let utf_16: Vec<u8> = "a hunter2-hunter2"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();

        for before in ["", "x", "xy", "xyz"] {
            let text = [before.as_bytes(), VALUE, b" and more"].concat();
            assert_eq!(traces.in_bytes(&text), ["value 0 in the clear"]);
            assert!(
                !traces.in_bytes(BASE64.encode(&text).as_bytes()).is_empty(),
                "{before}"
            );
            assert!(
                !traces
                    .in_bytes(HEXUPPER.encode(&text).as_bytes())
                    .is_empty()
            );
        }
        assert!(traces.in_bytes(&utf_16).contains(&"value 0 in UTF-16BE"));
    }

    #[test]
    fn other_bytes_are_no_trace() {
        let traces = Traces::of([VALUE]);

        assert!(
            traces
                .in_bytes(b"hunter2-hunter3 hunter2 aHVudGVyMg==")
                .is_empty()
        );
    }

    #[test]
    fn files_at_any_depth_are_searched() {
        let directory = tempfile::tempdir().unwrap();
        let deep = directory.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("c"), VALUE).unwrap();
        fs::write(directory.path().join("d"), "nothing").unwrap();

        let found = Traces::of([VALUE]).in_files(directory.path());

        let file = deep.join("c");
        assert_eq!(
            found,
            [format!("value 0 in the clear in {}", file.display())]
        );
    }
}
