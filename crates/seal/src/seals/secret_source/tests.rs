use super::*;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

fn refusal(source: &SecretSource) -> String {
    let failure = source.read(&Ask::passphrase()).err().unwrap();
    let cause = std::error::Error::source(&failure).map(ToString::to_string);
    format!("{failure}: {}", cause.unwrap_or_default())
}

fn file_with(content: &[u8], mode: u32) -> (tempfile::TempDir, SecretSource) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("secret");
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    (directory, SecretSource::File(path))
}

/// A terminal at which `typed` is typed once the prompt is there, and what it showed then.
fn at_a_terminal(typed: &'static [u8], ask: &Ask) -> (Result<Plaintext, SealFailure>, String) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let name = ptsname(&person, Vec::new()).unwrap().into_string().unwrap();
    let path = PathBuf::from(name);
    // Held open, so that the other end does not hang up between two questions.
    let kept = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&path)
        .unwrap();
    let mut screen = File::from(person);
    let typist = thread::spawn(move || {
        let mut shown = Vec::new();
        for line in typed.split_inclusive(|byte| *byte == b'\n') {
            // A prompt ends in a colon and a blank.
            while !shown.ends_with(b": ") {
                let mut byte = [0];
                screen.read_exact(&mut byte).unwrap();
                shown.push(byte[0]);
            }
            shown.push(b'|');
            screen.write_all(line).unwrap();
        }
        (screen, shown)
    });
    let unread = |source| SealFailure::NoPassphrase {
        source_name: String::from("the terminal"),
        source,
    };

    let answer = ask_twice(&path, ask, unread);

    let after = tcgetattr(&kept).unwrap();
    assert!(
        after
            .local_modes
            .contains(LocalModes::ECHO | LocalModes::ISIG)
    );
    let (screen, shown) = typist.join().unwrap();
    drop((kept, screen));
    (answer, String::from_utf8(shown).unwrap())
}

#[test]
fn a_file_gives_its_line() {
    for content in [
        &b"hunter2 hunter2"[..],
        b"hunter2 hunter2\n",
        b"hunter2 hunter2\r\n",
    ] {
        let (_directory, source) = file_with(content, 0o600);

        let read = source.read(&Ask::passphrase()).unwrap();

        assert_eq!(read.expose(), b"hunter2 hunter2");
    }
}

#[test]
fn a_file_that_is_no_good_is_told() {
    let (_kept, open) = file_with(b"hunter2 hunter2", 0o640);
    assert!(refusal(&open).ends_with("it is open to others; run `chmod 600` on it"));
    let (_kept, empty) = file_with(b"\n", 0o600);
    assert!(refusal(&empty).ends_with("it is empty"));
    let (_kept, long) = file_with(&[b'x'; 4097], 0o600);
    assert!(refusal(&long).ends_with("it is too long"));
    let refused = refusal(&SecretSource::File(PathBuf::from("/nowhere/secret")));
    assert!(refused.starts_with("cannot read the passphrase from `/nowhere/secret`"));
}

#[test]
fn a_descriptor_is_read_to_its_end() {
    let (reader, mut writer) = io::pipe().unwrap();
    writer.write_all(b"hunter2 hunter2\n").unwrap();
    drop(writer);
    let number = u32::try_from(reader.as_raw_fd()).unwrap();

    let read = SecretSource::Descriptor(number).read(&Ask::passphrase());

    assert_eq!(read.unwrap().expose(), b"hunter2 hunter2");
    let refused = refusal(&SecretSource::Descriptor(999));
    assert!(refused.starts_with("cannot read the passphrase from the file descriptor 999"));
}

#[test]
fn a_person_types_without_showing() {
    let (typed, shown) = at_a_terminal(b"hunter2 hunter2\n", &Ask::passphrase());

    assert_eq!(typed.unwrap().expose(), b"hunter2 hunter2");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_new_passphrase_is_typed_twice() {
    let ask = Ask::new_passphrase();

    let (same, shown) = at_a_terminal(b"hunter2 hunter2\nhunter2 hunter2\n", &ask);
    assert_eq!(same.unwrap().expose(), b"hunter2 hunter2");
    assert_eq!(
        shown,
        "New passphrase of the seal: |\r\nThe same passphrase again: |"
    );
    let (other, _) = at_a_terminal(b"hunter2 hunter2\nhunter3 hunter2\n", &ask);
    assert!(matches!(other, Err(SealFailure::PassphrasesDiffer)));
}

#[test]
fn control_c_is_an_answer_too() {
    let (interrupted, _) = at_a_terminal(b"hunt\x03\n", &Ask::passphrase());
    assert!(matches!(interrupted, Err(SealFailure::NoPassphrase { .. })));

    let (nothing, _) = at_a_terminal(b"\n", &Ask::passphrase());
    assert!(matches!(nothing, Err(SealFailure::NoPassphrase { .. })));
}
