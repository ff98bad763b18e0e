//! `strongroom audit tail`: the last events, or all of them, and those that come.

use super::filter::Filter;
use super::shown::shown;
use crate::boot::Layout;
use crate::cli::TailFlags;
use crate::error::Error;
use crate::files::FileError;
use crate::outside::SystemClock;
use ::audit::{FileName, HISTORY, Lines};
use base::{Clock as _, Timestamp};
use serde_json::Value;
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, BufReader, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Prints events.
pub(super) fn tail(flags: &TailFlags, json: bool) -> Result<(), Error> {
    let dir = Layout::of(&flags.data_dir).audit();
    let since = flags.since.as_deref().map(moment).transpose()?;
    let most = match (flags.lines, &since) {
        (Some(lines), _) => Some(lines),
        (None, None) if !flags.all => Some(DEFAULT_LINES),
        _ => None,
    };
    let wanted = Wanted {
        filters: &flags.filter,
        since,
        json,
    };
    let out = io::stdout().lock();
    let mut out = io::BufWriter::new(out);
    let mut at = print_those_there(&dir, &wanted, most, &mut out)?;
    out.flush().map_err(Error::system(WRITE))?;
    if !flags.follow {
        return Ok(());
    }
    loop {
        std::thread::sleep(BETWEEN_LOOKS);
        at = print_new(&dir, at, &wanted, &mut out)?;
        out.flush().map_err(Error::system(WRITE))?;
    }
}

/// What is to be printed, and how.
struct Wanted<'a> {
    filters: &'a [Filter],
    since: Option<String>,
    json: bool,
}

impl Wanted<'_> {
    /// The line as it is printed, if it is.
    fn line(&self, line: &[u8]) -> Option<Vec<u8>> {
        let line = line.strip_suffix(b"\n")?;
        if self.json && self.filters.is_empty() && self.since.is_none() {
            return Some(line.to_vec());
        }
        let event: Value = serde_json::from_slice(line).ok()?;
        let is_late = self
            .since
            .as_deref()
            .is_none_or(|since| event_time(&event).is_some_and(|time| time >= since));
        if !is_late || !self.filters.iter().all(|filter| filter.takes(&event)) {
            return None;
        }
        Some(match self.json {
            true => line.to_vec(),
            false => shown(&event).into_bytes(),
        })
    }
}

/// Up to where was read.
struct At {
    /// In which file. `None`: in none yet.
    path: Option<PathBuf>,
    end: u64,
}

/// Prints the last `most` events, or all.
fn print_those_there(
    dir: &Path,
    wanted: &Wanted<'_>,
    most: Option<usize>,
    out: &mut impl Write,
) -> Result<At, Error> {
    let paths = paths(dir)?;
    let from = first_of_interest(&paths, wanted)?;
    let paths = paths.get(from..).unwrap_or_default();
    let Some(most) = most else {
        let mut at = At { path: None, end: 0 };
        for path in paths {
            let end = read(path, 0, |line| print(wanted, line, out))?;
            at = At {
                path: Some(path.clone()),
                end,
            };
        }
        return Ok(at);
    };
    let mut last: VecDeque<Vec<u8>> = VecDeque::new();
    let mut at = At { path: None, end: 0 };
    // From the newest file back, until there are enough.
    for path in paths.iter().rev() {
        let mut here: VecDeque<Vec<u8>> = VecDeque::new();
        let room = most.saturating_sub(last.len());
        let end = read(path, 0, |line| {
            if let Some(line) = wanted.line(line).filter(|_| room > 0) {
                if here.len() == room {
                    here.pop_front();
                }
                here.push_back(line);
            }
            Ok(())
        })?;
        if at.path.is_none() {
            at = At {
                path: Some(path.clone()),
                end,
            };
        }
        here.append(&mut last);
        last = here;
        if last.len() >= most {
            break;
        }
    }
    for line in last {
        write_line(&line, out)?;
    }
    Ok(at)
}

/// Prints what came since `at`.
fn print_new(dir: &Path, at: At, wanted: &Wanted<'_>, out: &mut impl Write) -> Result<At, Error> {
    // A file that is followed by another one is complete, so it is read after looking for others.
    let paths = paths(dir)?;
    let known = at
        .path
        .as_ref()
        .and_then(|path| paths.iter().position(|other| other == path));
    let later = known.map_or(0, |known| known + 1);
    let mut now = At { ..at };
    if let (Some(path), Some(_)) = (&now.path, known) {
        now.end = read(path, now.end, |line| print(wanted, line, out))?;
    }
    for path in paths.get(later..).unwrap_or_default() {
        let is_newer = now
            .path
            .as_ref()
            .is_none_or(|before| order(path) > order(before));
        if is_newer {
            now.end = read(path, 0, |line| print(wanted, line, out))?;
            now.path = Some(path.clone());
        }
    }
    Ok(now)
}

fn print(wanted: &Wanted<'_>, line: &[u8], out: &mut impl Write) -> Result<(), Error> {
    match wanted.line(line) {
        Some(line) => write_line(&line, out),
        None => Ok(()),
    }
}

fn write_line(line: &[u8], out: &mut impl Write) -> Result<(), Error> {
    out.write_all(line)
        .and_then(|()| out.write_all(b"\n"))
        .map_err(Error::system(WRITE))
}

/// The files of the log in their order.
fn paths(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(FileError::io("read", dir))? {
        let path = entry.map_err(FileError::io("read", dir))?.path();
        if order(&path).is_some() {
            paths.push(path);
        }
    }
    paths.sort_by_key(|path| order(path));
    Ok(paths)
}

/// The number of a file's first event, if it is one of the log. The log from before the chain comes
/// first.
fn order(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    if name == HISTORY {
        return Some(0);
    }
    match FileName::parse(name) {
        Some(FileName::Segment(first)) => Some(first),
        _ => None,
    }
}

/// The first file that may have events of interest: those before it end before `since`.
fn first_of_interest(paths: &[PathBuf], wanted: &Wanted<'_>) -> Result<usize, Error> {
    let Some(since) = &wanted.since else {
        return Ok(0);
    };
    for (index, path) in paths.iter().enumerate().rev() {
        let mut is_earlier = false;
        let first = File::open(path).and_then(|file| {
            let mut lines = Lines::new(BufReader::new(file));
            Ok(lines.next_line()?.map(|line| line.bytes.to_vec()))
        });
        let first = first.map_err(FileError::io("read", path))?;
        if let Some(event) = first.and_then(|line| serde_json::from_slice::<Value>(&line).ok()) {
            is_earlier = event_time(&event).is_some_and(|time| time < since.as_str());
        }
        if is_earlier {
            return Ok(index);
        }
    }
    Ok(0)
}

/// Reads the whole lines of a file from the byte `from` on. Gives where the last one ends.
fn read(
    path: &Path,
    from: u64,
    mut each: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<u64, Error> {
    let file = match File::open(path) {
        Ok(file) => file,
        // Deleted by retention just now.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(from),
        Err(error) => return Err(FileError::io("read", path)(error).into()),
    };
    let mut reader = BufReader::with_capacity(READ_BYTES, file);
    reader
        .seek(SeekFrom::Start(from))
        .map_err(FileError::io("read", path))?;
    let mut lines = Lines::new(reader);
    let mut end = from;
    while let Some(line) = lines.next_line().map_err(FileError::io("read", path))? {
        if line.bytes.last() == Some(&b'\n') {
            end = from.saturating_add(line.end);
            each(line.bytes)?;
        }
    }
    Ok(end)
}

fn event_time(event: &Value) -> Option<&str> {
    event.get("eventTime")?.as_str()
}

/// A time as events have it, which order as texts do.
fn moment(text: &str) -> Result<String, Error> {
    let refused = || Error::NoTime(text.to_owned());
    if let Some(seconds) = while_seconds(text) {
        let millis = SystemClock
            .now()
            .as_millis()
            .saturating_sub(seconds.saturating_mul(1_000));
        return Ok(Timestamp::from_millis(millis).to_iso());
    }
    let whole = match text.len() {
        DATE_CHARS => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    };
    let basic = whole.replace(['-', ':'], "");
    let moment = Timestamp::parse_basic(&basic).ok_or_else(refused)?;
    Ok(moment.to_iso())
}

/// `90s`, `15m`, `2h` and `1d` in seconds.
fn while_seconds(text: &str) -> Option<i64> {
    let unit = text.chars().next_back()?;
    let count: i64 = text.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    (count >= 0).then(|| count.saturating_mul(seconds))
}

const DEFAULT_LINES: usize = 10;
const DATE_CHARS: usize = 10;
const READ_BYTES: usize = 256 << 10;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
const WRITE: &str = "write to standard output";

#[cfg(test)]
mod tests;
