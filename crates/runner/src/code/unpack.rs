use super::CodeError;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Cursor, Read};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};
use zip::ZipArchive;
use zip::result::ZipError;

/// Unpacks `zip` into `root`, an empty directory, and returns how many bytes that makes.
pub(super) fn unpack(zip: &[u8], root: &Path) -> Result<u64, CodeError> {
    let mut archive = open(zip)?;
    let mut left = MOST_BYTES;
    let mut links = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(unreadable)?;
        let name = inside(entry.name_raw())?;
        let path = root.join(&name);
        if entry.is_dir() {
            directory(&path)?;
        } else if entry.is_symlink() {
            let target = link_target(&mut entry, &name)?;
            links.push((path, name, target));
        } else {
            parent(root, &path)?;
            let executable = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
            let mut file = new_file(&path, &name, executable)?;
            left = copy(&mut entry, &mut file, left)?;
        }
    }
    // SECURITY: links come last, so that nothing is ever written through one, and every one is
    // followed to its end once all are there.
    for (path, name, target) in &links {
        parent(root, path)?;
        symlink(target, path).map_err(|error| taken(error, name))?;
    }
    let root = fs::canonicalize(root)?;
    for (path, name, _) in &links {
        let end = fs::canonicalize(path).map_err(|_| CodeError::Link(shown(name)))?;
        if !end.starts_with(&root) {
            return Err(CodeError::Link(shown(name)));
        }
    }
    Ok(MOST_BYTES.saturating_sub(left))
}

fn open(zip: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, CodeError> {
    let archive = ZipArchive::new(Cursor::new(zip)).map_err(unreadable)?;
    if archive.len() > MOST_ENTRIES {
        return Err(CodeError::TooMany);
    }
    if archive.has_duplicate_names() {
        return Err(CodeError::Unreadable(String::from(
            "two entries have the same name",
        )));
    }
    Ok(archive)
}

/// The name of an entry, when it is a plain relative path.
fn inside(raw: &[u8]) -> Result<PathBuf, CodeError> {
    let outside = || CodeError::Outside(String::from_utf8_lossy(raw).into_owned());
    let name = std::str::from_utf8(raw).map_err(|_| outside())?;
    // Some archivers of Windows write `\`: as a name it would be misread, so it is refused.
    let plain = !name.is_empty() && name.len() <= MOST_NAME && !name.contains(['\0', '\\']);
    let mut path = PathBuf::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            _ => return Err(outside()),
        }
    }
    if plain { Ok(path) } else { Err(outside()) }
}

fn link_target(entry: &mut impl Read, name: &Path) -> Result<PathBuf, CodeError> {
    let refused = || CodeError::Link(shown(name));
    let mut target = String::new();
    entry
        .take(MOST_NAME as u64 + 1)
        .read_to_string(&mut target)
        .map_err(|_| refused())?;
    let target = PathBuf::from(target);
    if target.as_os_str().is_empty()
        || target.as_os_str().len() > MOST_NAME
        || !target.is_relative()
    {
        return Err(refused());
    }
    Ok(target)
}

fn directory(path: &Path) -> Result<(), CodeError> {
    Ok(DirBuilder::new().recursive(true).mode(0o755).create(path)?)
}

fn parent(root: &Path, path: &Path) -> Result<(), CodeError> {
    directory(path.parent().unwrap_or(root))
}

fn new_file(path: &Path, name: &Path, executable: bool) -> Result<File, CodeError> {
    File::options()
        .write(true)
        .create_new(true)
        .mode(if executable { 0o755 } else { 0o644 })
        .open(path)
        .map_err(|error| taken(error, name))
}

/// Copies what `entry` really unpacks to, of at most `left` bytes, and returns what is left then.
fn copy(entry: &mut impl Read, file: &mut File, left: u64) -> Result<u64, CodeError> {
    let mut bounded = entry.take(left.saturating_add(1));
    let written = io::copy(&mut bounded, file).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            CodeError::Unreadable(error.to_string())
        }
        _ => CodeError::Write(error),
    })?;
    left.checked_sub(written).ok_or(CodeError::TooLarge)
}

fn taken(error: io::Error, name: &Path) -> CodeError {
    match error.kind() {
        io::ErrorKind::AlreadyExists => CodeError::Twice(shown(name)),
        _ => CodeError::Write(error),
    }
}

fn unreadable(error: ZipError) -> CodeError {
    CodeError::Unreadable(error.to_string())
}

fn shown(name: &Path) -> String {
    name.display().to_string()
}

/// Lambda's limit for a function unpacked.
pub(super) const MOST_BYTES: u64 = 250 << 20;
pub(super) const MOST_ENTRIES: usize = 50_000;
const MOST_NAME: usize = 1024;

#[cfg(test)]
mod tests;
