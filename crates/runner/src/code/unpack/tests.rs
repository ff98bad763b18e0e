use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// An entry of a zip, whatever its name is.
enum Entry<'a> {
    File(&'a str, u32, &'a str),
    Link(&'a str, &'a str),
    Directory(&'a str),
}

fn zip(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries {
        let options = SimpleFileOptions::default();
        match entry {
            Entry::File(name, mode, content) => {
                zip.start_file(*name, options.unix_permissions(*mode))
                    .unwrap();
                zip.write_all(content.as_bytes()).unwrap();
            }
            Entry::Link(name, target) => zip.add_symlink(*name, *target, options).unwrap(),
            Entry::Directory(name) => zip.add_directory(*name, options).unwrap(),
        }
    }
    zip.finish().unwrap().into_inner()
}

/// A zip whose one name was `placeholder`, of the same length, before it was replaced.
fn named(name: &str) -> Vec<u8> {
    let placeholder = "x".repeat(name.len());
    let mut bytes = zip(&[Entry::File(&placeholder, 0o644, "content")]);
    let places: Vec<usize> = bytes
        .windows(name.len())
        .enumerate()
        .filter(|(_, window)| *window == placeholder.as_bytes())
        .map(|(place, _)| place)
        .collect();
    for place in places {
        bytes[place..place + name.len()].copy_from_slice(name.as_bytes());
    }
    bytes
}

fn unpacked(zip: &[u8]) -> (tempfile::TempDir, Result<u64, CodeError>) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    fs::create_dir(&root).unwrap();
    let outcome = unpack(zip, &root);
    (directory, outcome)
}

#[test]
fn files_come_out_with_content_and_executable_bit() {
    let zip = zip(&[
        Entry::Directory("empty/"),
        Entry::File("bootstrap", 0o755, "run"),
        Entry::File("lib/deep/file.py", 0o640, "text"),
    ]);

    let (directory, outcome) = unpacked(&zip);

    assert_eq!(outcome.unwrap(), 7);
    let root = directory.path().join("root");
    assert_eq!(
        fs::read_to_string(root.join("lib/deep/file.py")).unwrap(),
        "text"
    );
    assert!(root.join("empty").is_dir());
    let mode = |name: &str| fs::metadata(root.join(name)).unwrap().permissions().mode() & 0o100;
    assert_eq!((mode("bootstrap"), mode("lib/deep/file.py")), (0o100, 0));
}

#[test]
fn names_that_lead_out_are_refused() {
    for name in [
        "/etc/evil",
        "../evil",
        "a/../../evil",
        "a\\..\\evil",
        "a/..",
        "..",
    ] {
        let zip = named(name);

        let (directory, outcome) = unpacked(&zip);

        assert!(
            matches!(
                outcome,
                Err(CodeError::Outside(_) | CodeError::Unreadable(_))
            ),
            "{name}"
        );
        assert!(!directory.path().join("evil").exists(), "{name}");
    }
}

#[test]
fn links_stay_inside_and_lead_somewhere() {
    let kept = zip(&[
        Entry::File("lib/tool.py", 0o644, "tool"),
        Entry::Link("bin/tool", "../lib/tool.py"),
        Entry::Link("also", "bin"),
    ]);
    let (directory, outcome) = unpacked(&kept);
    outcome.unwrap();
    let through = directory.path().join("root/also/tool");
    assert_eq!(fs::read_to_string(through).unwrap(), "tool");

    let refused: [&[Entry<'_>]; 6] = [
        &[Entry::Link("link", "/etc/passwd")],
        &[Entry::Link("link", "../outside")],
        &[Entry::Link("link", "nowhere")],
        &[Entry::Link("link", "link")],
        // Each looks harmless alone.
        &[
            Entry::Directory("a/b/"),
            Entry::Link("up", "a/b"),
            Entry::Link("out", "up/../../.."),
        ],
        &[Entry::Link("link", "")],
    ];
    for entries in refused {
        let (_directory, outcome) = unpacked(&zip(entries));

        assert!(matches!(outcome, Err(CodeError::Link(_))), "{outcome:?}");
    }
}

#[test]
fn nothing_is_written_through_a_link() {
    let (directory, outcome) = unpacked(&zip(&[
        Entry::Link("dir", ".."),
        Entry::File("dir/evil", 0o644, "evil"),
    ]));

    assert!(matches!(outcome, Err(CodeError::Twice(_))), "{outcome:?}");
    assert!(!directory.path().join("evil").exists());
}

#[test]
fn a_name_that_is_file_and_directory_is_refused() {
    let (_directory, outcome) = unpacked(&zip(&[
        Entry::File("a", 0o644, ""),
        Entry::File("a/b", 0o644, ""),
    ]));

    assert!(outcome.is_err());
}

#[test]
fn too_many_entries_are_refused() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..=MOST_ENTRIES {
        zip.add_directory(format!("{n}/"), SimpleFileOptions::default())
            .unwrap();
    }
    let zip = zip.finish().unwrap().into_inner();

    let (directory, outcome) = unpacked(&zip);

    assert!(matches!(outcome, Err(CodeError::TooMany)));
    let left = fs::read_dir(directory.path().join("root")).unwrap();
    assert_eq!(left.count(), 0);
}

#[test]
fn sizes_are_counted_and_not_believed() {
    let mut file = tempfile::tempfile().unwrap();

    let fits = copy(&mut &[1; 10][..], &mut file, 10).unwrap();
    let exceeds = copy(&mut &[1; 11][..], &mut file, 10);

    assert_eq!(fits, 0);
    assert!(matches!(exceeds, Err(CodeError::TooLarge)));
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_unpacked_inside(
        mut bytes in Just(zip(&[
            Entry::File("dir/file", 0o644, "content of a file"),
            Entry::Link("link", "dir/file"),
        ])),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }

        let (directory, _) = unpacked(&bytes);

        let beside: Vec<_> = fs::read_dir(directory.path()).unwrap().flatten().collect();
        prop_assert_eq!(beside.len(), 1);
    }

    #[test]
    fn plain_names_come_back(files in prop::collection::btree_map("[a-z]{1,8}", "[a-z]{0,20}", 0..6)) {
        let entries: Vec<Entry<'_>> = files
            .iter()
            .map(|(name, content)| Entry::File(name, 0o644, content))
            .collect();

        let (directory, outcome) = unpacked(&zip(&entries));

        outcome.unwrap();
        let found: BTreeMap<String, String> = fs::read_dir(directory.path().join("root"))
            .unwrap()
            .flatten()
            .map(|entry| {
                let content = fs::read_to_string(entry.path()).unwrap();
                (entry.file_name().into_string().unwrap(), content)
            })
            .collect();
        prop_assert_eq!(found, files);
    }
}
