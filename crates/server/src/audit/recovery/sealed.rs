//! Writing to the log while nobody else does: the server is sealed, and neither its outbox nor its
//! key can be read.
//!
//! Rules kept here: nothing is judged, since nothing can be verified; that is for the start that
//! follows. What it will find must still be there then: only what stands behind the last line that
//! the head tells of is ever cut, and only where a loss of power tore it. What else is wrong stays as
//! it is, and events go on behind it.

use super::stand::Stand;
use super::tail::{self, OpenAt, Tail};
use crate::audit::log::READ_BYTES;
use crate::files::FileError;
use ::audit::{Contents, FileName, Walk, walk};
use std::fs::File;
use std::io::{self, BufReader, Seek as _, SeekFrom};
use std::path::Path;
use std::time::Duration;

/// Appends events to the log of `deployment` in `dir`. Returns when they are safe on disk.
pub(crate) fn append(dir: &Path, deployment: &str, events: &[Vec<u8>]) -> Result<(), FileError> {
    let stand = Stand::read(dir, deployment)?;
    stand.mend_history()?;
    if let Some((first, length)) = torn_at(&stand, deployment)? {
        tracing::warn!("the audit log was torn behind its head, and is cut there");
        tail::cut(&dir.join(FileName::segment(first)), length)?;
    }
    let (last, open) = stand.last_line()?;
    let open = open.map(|first| OpenAt {
        first,
        previous_hash: None,
        age: Duration::ZERO,
        contents: Contents::default(),
    });
    Tail::at(dir, deployment, last, open)?.append(events)
}

/// The last segment and how much of it fits, if something behind the head's line does not. It is
/// looked at from that line on, or from the first if the head's is in an earlier segment.
fn torn_at(stand: &Stand, deployment: &str) -> Result<Option<(u64, u64)>, FileError> {
    let Some(first) = stand.open_segments().last().copied() else {
        return Ok(None);
    };
    let path = stand.dir.join(FileName::segment(first));
    let from_line = |file: &File, start, from| -> io::Result<Walk> {
        let mut file = file;
        file.seek(SeekFrom::Start(from))?;
        let reader = BufReader::with_capacity(READ_BYTES, file);
        walk(reader, deployment, start, &[])
    };
    let look = || -> io::Result<Option<u64>> {
        let file = File::open(&path)?;
        let (start, from) = match stand.floor() {
            Some(head) if head.segment == first => {
                if !tail::is_at(&file, &head)? {
                    return Ok(None);
                }
                (Some(head.position), head.length)
            }
            Some(head) if head.segment < first => (None, 0),
            None if stand.is_new() => (None, 0),
            Some(_) | None => return Ok(None),
        };
        let walk = from_line(&file, start, from)?;
        let end = from.saturating_add(walk.contents.length());
        Ok(walk.trouble.is_some().then_some(end))
    };
    let torn = look().map_err(FileError::io("read", &path))?;
    Ok(torn.map(|end| (first, end)))
}
