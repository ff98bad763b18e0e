use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The built program. `STRONGROOM_BINARY` names it; without that, cargo builds it first, so that a
/// test never runs yesterday's.
pub fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| match named() {
        Some(path) => {
            assert!(
                path.is_file(),
                "`STRONGROOM_BINARY` names no file: {}",
                path.display()
            );
            path
        }
        None => built(),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no configuration but the environment"
)]
fn named() -> Option<PathBuf> {
    std::env::var_os("STRONGROOM_BINARY").map(PathBuf::from)
}

fn built() -> PathBuf {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "strongroom-server"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo can be run");
    assert!(status.success(), "the server does not build");
    let path = profile_dir().join("strongroom");
    assert!(path.is_file(), "cargo built no {}", path.display());
    path
}

/// Where cargo puts programs: the test runs from `deps` in it.
fn profile_dir() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own file");
    let deps = test.parent().expect("a file is in a folder");
    deps.parent().expect("`deps` is in a folder").to_owned()
}
