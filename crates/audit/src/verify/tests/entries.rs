//! Entries of the directory that are not what they should be, and files that are given.

use super::*;
use std::os::unix::fs::symlink;
use std::process::Command;

fn make_pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

/// The problems when the file `name` is another entry.
fn problems_with(name: &str, make: impl Fn(&Path, &Path)) -> Vec<String> {
    let log = Log::usual();
    let elsewhere = log.dir.path().join("elsewhere");
    fs::rename(log.path(name), &elsewhere).unwrap();
    make(&elsewhere, &log.path(name));
    log.problems()
}

#[test]
fn a_pipe_is_reported_and_holds_nothing_up() {
    let pipe = |_: &Path, path: &Path| make_pipe(path);

    for name in [HEAD, BEGINNING, HISTORY] {
        let problem = format!("{name}: it is not a regular file");
        assert_eq!(problems_with(name, pipe)[0], problem);
    }
    for name in [FileName::segment(6), FileName::digest(6)] {
        let shown = name.trim_start_matches('0');
        let problem = format!("{shown}: it is not a regular file");
        assert_eq!(problems_with(&name, pipe)[0], problem);
    }
}

#[test]
fn a_link_is_reported_wherever_it_leads() {
    let to_the_file = |elsewhere: &Path, path: &Path| symlink(elsewhere, path).unwrap();
    let to_nothing = |_: &Path, path: &Path| symlink("nothing", path).unwrap();
    let directory = |_: &Path, path: &Path| fs::create_dir(path).unwrap();

    for name in [
        HEAD.to_owned(),
        FileName::segment(6),
        FileName::segment(16),
        FileName::digest(11),
    ] {
        let shown = name.trim_start_matches('0');
        let problem = format!("{shown}: it is not a regular file");
        assert_eq!(problems_with(&name, to_the_file)[0], problem);
        assert_eq!(problems_with(&name, to_nothing)[0], problem);
        assert_eq!(problems_with(&name, directory)[0], problem);
    }
}

#[test]
fn what_has_no_name_of_a_log_is_left_alone() {
    let log = Log::usual();
    make_pipe(&log.path("pipe"));
    symlink("nothing", log.path("link")).unwrap();

    assert_eq!(log.problems(), [""; 0]);
}

#[test]
fn of_given_files_links_are_followed_and_pipes_reported() {
    let log = Log::usual();
    let other = tempfile::tempdir().unwrap();
    let at = |name: &str| other.path().join(name);
    for name in [FileName::segment(6), FileName::digest(6)] {
        symlink(log.path(&name), at(&name)).unwrap();
    }
    make_pipe(&at(HEAD));
    symlink("nothing", at(&FileName::segment(1))).unwrap();

    let followed = verify_files(&[at(&FileName::segment(6))], &log.keys()).unwrap();
    let others = [FileName::segment(6), HEAD.to_owned(), FileName::segment(1)];
    let irregular = verify_files(&others.map(|name| at(&name)), &log.keys()).unwrap();

    assert_eq!((shown(&followed), followed.events), (Vec::new(), 5));
    assert_eq!(
        shown(&irregular),
        [
            "head.json: it is not a regular file",
            "1.log: it is not a regular file"
        ]
    );
}

#[test]
fn a_segment_is_looked_for_beside_its_digest() {
    let log = Log::usual();
    let digest = log.path(&FileName::digest(6));

    let there = verify_files(std::slice::from_ref(&digest), &log.keys()).unwrap();
    log.remove(&FileName::segment(6));
    let missing = verify_files(&[digest], &log.keys()).unwrap();

    assert_eq!((shown(&there), there.events), (Vec::new(), 5));
    assert_eq!(shown(&missing), ["6.log: the file is missing"]);
}

#[test]
fn of_given_files_only_the_last_needs_no_digest() {
    let log = Log::usual();
    let path = |first| log.path(&FileName::segment(first));
    log.remove(&FileName::digest(6));

    let given = |files: &[PathBuf]| shown(&verify_files(files, &log.keys()).unwrap());
    let last = given(&[path(1), path(6)]);
    let amid = given(&[path(1), path(6), path(11)]);
    let under_the_head = given(&[path(1), path(6), path(11), log.path(HEAD)]);

    assert_eq!(last, [""; 0]);
    let undigested = "6.log: no digest closes it, and later events stand in other files";
    assert_eq!(amid[0], undigested);
    assert!(!under_the_head.contains(&undigested.to_owned()));
}
