use super::*;
use std::os::unix::fs::symlink;

struct Counting(std::sync::atomic::AtomicU8);

impl Entropy for Counting {
    fn fill(&self, buf: &mut [u8]) {
        buf.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    }
}

fn entropy() -> Counting {
    Counting(std::sync::atomic::AtomicU8::new(1))
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o777
}

#[test]
fn a_home_is_private_and_goes_with_its_invocation() {
    let directory = tempfile::tempdir().unwrap();
    let scratch = Scratch::open(directory.path(), None).unwrap();

    let home = scratch.home(&entropy()).unwrap();

    let path = home.path().to_owned();
    assert_eq!((mode(&path), mode(directory.path())), (0o700, 0o700));
    home.add("ca.pem", b"pem").unwrap();
    assert!(home.add("ca.pem", b"again").is_err());
    drop(home);
    assert!(!path.exists());
}

#[test]
fn another_user_may_pass_through_but_not_look() {
    let directory = tempfile::tempdir().unwrap();
    let user = User { uid: 1, gid: 1 };

    let scratch = Scratch::open(directory.path(), Some(user)).unwrap();

    assert_eq!(mode(directory.path()), 0o711);
    assert_eq!(mode(&scratch.code()), 0o711);
    assert_eq!(mode(&directory.path().join(LOCK)), 0o600);
}

fn code_opened_to(user: Option<User>) -> (tempfile::TempDir, [(u32, u32); 4]) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("code");
    fs::create_dir_all(root.join("lib")).unwrap();
    for (name, found) in [("bootstrap", 0o755), ("lib/a.py", 0o644)] {
        fs::write(root.join(name), "").unwrap();
        fs::set_permissions(root.join(name), Permissions::from_mode(found)).unwrap();
    }

    open_to(user, &root).unwrap();

    let of = |name: &str| {
        let path = root.join(name);
        (mode(&path), fs::metadata(&path).unwrap().gid())
    };
    let found = ["", "lib", "bootstrap", "lib/a.py"].map(of);
    (directory, found)
}

#[test]
fn code_is_the_servers_alone_where_functions_run_as_it() {
    let (_directory, found) = code_opened_to(None);

    assert_eq!(found.map(|(mode, _)| mode), [0o700, 0o700, 0o700, 0o600]);
}

#[test]
fn code_is_read_by_the_group_of_functions_and_by_no_other_user() {
    // Nobody else may give to a group that is not one's own.
    let gid = match rustix::process::geteuid().is_root() {
        true => 4_242,
        false => rustix::process::getegid().as_raw(),
    };
    let (_directory, found) = code_opened_to(Some(User { uid: 4_242, gid }));

    assert_eq!(found.map(|(mode, _)| mode), [0o750, 0o750, 0o750, 0o640]);
    assert_eq!(found.map(|(_, of)| of), [gid; 4]);
}

#[test]
fn what_an_earlier_runner_left_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    let first = Scratch::open(directory.path(), None).unwrap();
    let left = first.home(&entropy()).unwrap().path().join("left");
    fs::create_dir_all(&left).unwrap();
    drop(first);

    let _second = Scratch::open(directory.path(), None).unwrap();

    assert!(!left.exists());
}

#[test]
fn a_link_is_removed_and_not_followed() {
    let directory = tempfile::tempdir().unwrap();
    let kept = directory.path().join("kept");
    fs::create_dir(&kept).unwrap();
    fs::write(kept.join("file"), "").unwrap();
    let tree = directory.path().join("tree");
    fs::create_dir(&tree).unwrap();
    symlink(&kept, tree.join("link")).unwrap();
    fs::create_dir(tree.join("closed")).unwrap();
    fs::write(tree.join("closed/file"), "").unwrap();
    fs::set_permissions(tree.join("closed"), Permissions::from_mode(0o000)).unwrap();

    remove_tree(&tree).unwrap();

    assert!(!tree.exists());
    assert!(kept.join("file").exists());
}
