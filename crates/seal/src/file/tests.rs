use super::*;
use crate::Purpose;
use crate::test_entropy::Seeded;
use base::Context;
use data_encoding::BASE64;
use tempfile::TempDir;

const LINE: &str = "strongroom-root-key-v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=:d7b132cf\n";

fn entropy() -> Arc<dyn Entropy> {
    Arc::new(Seeded::new(1))
}

fn root() -> RootKey {
    RootKey::generate(entropy()).unwrap()
}

fn directory() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("root.key");
    (directory, path)
}

fn file_with(content: &[u8], mode: u32) -> (TempDir, PathBuf) {
    let (directory, path) = directory();
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    (directory, path)
}

/// What loading says, with the path left out.
fn refusal(path: &Path) -> String {
    let refused = load(path, entropy()).err().unwrap().to_string();
    refused.replace(&path.display().to_string(), "PATH")
}

fn names_in(directory: &TempDir) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_root_key_comes_back_from_its_file() {
    let (_directory, path) = directory();
    let made = root();
    let here = Context(&[b"here"]);
    let sealed = made.seal_for(Purpose::KeyRing, here, b"hunter2").unwrap();

    create(&path, &made).unwrap();
    let loaded = load(&path, entropy()).unwrap();

    let opened = loaded.open_for(Purpose::KeyRing, here, &sealed.0).unwrap();
    assert_eq!(opened.expose(), b"hunter2");
    assert_eq!(loaded.fingerprint(), made.fingerprint());
}

#[test]
fn the_file_is_its_owners_alone_and_the_only_one() {
    let (directory, path) = directory();

    create(&path, &root()).unwrap();

    let metadata = fs::metadata(&path).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o7777, 0o600);
    assert_eq!(names_in(&directory), ["root.key"]);
}

/// The format is a promise to operators who keep copies.
#[test]
fn the_file_is_one_line_of_a_fixed_form() {
    let (_directory, path) = directory();
    let root = RootKey::of_bytes(
        KeyBytes::of(&(0..32).collect::<Vec<u8>>()).unwrap(),
        entropy(),
    )
    .unwrap();

    create(&path, &root).unwrap();

    assert_eq!(fs::read_to_string(&path).unwrap(), LINE);
}

#[test]
fn a_copy_without_its_line_end_is_good() {
    let (_directory, path) = file_with(LINE.trim_end().as_bytes(), 0o400);

    let loaded = load(&path, entropy()).unwrap();

    assert_eq!(loaded.expose(), (0..32).collect::<Vec<u8>>());
}

#[test]
fn an_existing_file_is_never_overwritten() {
    for content in ["", "something else", LINE] {
        let (directory, path) = file_with(content.as_bytes(), 0o600);

        let refused = create(&path, &root()).unwrap_err();

        assert!(matches!(&refused, FileSealError::Exists(at) if *at == path));
        assert_eq!(
            refused.to_string(),
            format!(
                "the root key file `{}` exists already and is never overwritten",
                path.display()
            )
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
        assert_eq!(names_in(&directory), ["root.key"]);
    }
}

#[test]
fn what_a_crash_left_half_written_does_not_stand_in_the_way() {
    let (directory, path) = directory();
    fs::write(directory.path().join("root.key.new"), "strongroom-ro").unwrap();

    create(&path, &root()).unwrap();

    assert!(load(&path, entropy()).is_ok());
    assert_eq!(names_in(&directory), ["root.key"]);
}

#[test]
fn a_directory_that_is_not_there_is_an_error() {
    let (_directory, path) = directory();
    let path = path.join("deeper");

    let refused = create(&path, &root()).unwrap_err();

    assert!(matches!(
        refused,
        FileSealError::Io {
            action: "write",
            ..
        }
    ));
}

#[test]
fn a_file_that_others_may_use_is_refused() {
    for mode in [0o644, 0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o777] {
        let (_directory, path) = file_with(LINE.as_bytes(), mode);

        assert_eq!(
            refusal(&path),
            format!(
                "the root key file `PATH` is open to others (mode {mode:04o}); \
                 find out who may have read it, then run `chmod 600 PATH`"
            )
        );
    }
}

#[test]
fn a_file_of_its_owner_alone_is_accepted() {
    for mode in [0o600, 0o400] {
        let (_directory, path) = file_with(LINE.as_bytes(), mode);

        assert!(load(&path, entropy()).is_ok(), "{mode:o}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let (_directory, path) = directory();

    assert_eq!(
        refusal(&path),
        "there is no root key file `PATH`; restore it from your copy, since the data cannot be \
         opened without it"
    );
}

#[test]
fn what_is_no_regular_file_is_refused() {
    let (directory, path) = directory();
    fs::create_dir(&path).unwrap();

    assert_eq!(
        refusal(&path),
        "the root key file `PATH` is not a regular file"
    );
    let socket = directory.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert_eq!(
        refusal(&socket),
        "the root key file `PATH` is not a regular file"
    );
}

#[test]
fn a_link_to_a_good_file_is_good() {
    let (directory, path) = file_with(LINE.as_bytes(), 0o600);
    let link = directory.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();

    assert!(load(&link, entropy()).is_ok());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refusal(&link).contains("is open to others"));
}

#[test]
fn content_that_is_no_root_key_is_refused() {
    let good = LINE.trim_end();
    for content in [
        String::new(),
        String::from("hunter2"),
        good.strip_suffix(|_: char| true).unwrap().to_owned(),
        format!("{good}0"),
        format!("{LINE}\n"),
        format!(" {LINE}"),
        format!("{LINE}{LINE}"),
        LINE.replace("-v1:", "-v2:"),
        LINE.replace('=', ""),
        good.replace(":d7b132cf", ""),
        "x".repeat(100_000),
    ] {
        let (_directory, path) = file_with(content.as_bytes(), 0o600);

        assert_eq!(
            refusal(&path),
            "the file `PATH` does not hold a root key of this version; restore it from your copy",
        );
    }
}

#[test]
fn a_damaged_key_is_told_from_a_foreign_file() {
    for content in [
        LINE.replace("AAEC", "AAED"),
        LINE.replace("d7b132cf", "00000000"),
    ] {
        let (_directory, path) = file_with(content.as_bytes(), 0o600);

        assert_eq!(
            refusal(&path),
            "the root key file `PATH` is damaged; restore it from your copy"
        );
    }
}

#[test]
fn a_key_of_another_length_is_refused_though_its_checksum_fits() {
    let short = BASE64.encode(&[7; 31]);
    let long = BASE64.encode(&[7; 33]);
    for key in [short, long, "!".repeat(44)] {
        let sum = checksum(key.as_bytes());
        let line = format!("strongroom-root-key-v1:{key}:{sum}\n");
        let (_directory, path) = file_with(line.as_bytes(), 0o600);

        assert!(matches!(
            load(&path, entropy()),
            Err(FileSealError::Malformed(_))
        ));
    }
}

#[test]
fn no_refusal_shows_the_key() {
    let damaged = LINE.replace("AAEC", "AAED");
    let (_directory, path) = file_with(damaged.as_bytes(), 0o600);

    let refused = load(&path, entropy()).err().unwrap();

    let shown = format!("{refused} {refused:?}");
    assert!(!shown.contains("BAUGBwgJ"), "{shown}");
}
