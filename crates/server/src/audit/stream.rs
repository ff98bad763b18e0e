//! The log, read back, for what follows it.
//!
//! Rules kept here:
//! - INVARIANT: no line is given that a loss of power could still take away, and none twice;
//! - what is gone (old segments, an accepted loss) is passed over, and so is what cannot be read as a
//!   line of the log; the latter is said once;
//! - a reader that goes on where it was costs no search, and one read is bounded in bytes;
//! - files are read on threads of their own, so that nobody waits for the disk who need not.
//!
//! What the log had before it was chained (`audit.log`) is no part of it.

mod places;

use ::audit::{ChainedLine, FileName, Hash, Lines};
use base::CommonError;
use bytes::Bytes;
use parking_lot::Mutex;
use places::{Place, Places};
use services::ports::{EventStream, PortFuture, StreamedEvent};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::future::Future;
use std::io::{self, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::watch;

/// The log, read back.
pub(crate) struct LogStream {
    files: Arc<Files>,
    synced: watch::Receiver<u64>,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogLine {
    /// Its number.
    pub(crate) sequence: u64,
    /// Its hash, and so that of all lines before it.
    pub(crate) hash: Hash,
    /// The event with its place in the chain, as it stands in the log, with its newline.
    pub(crate) bytes: Bytes,
}

impl LogLine {
    /// The event as it was before it was chained. `None` for what is no such line.
    pub(crate) fn event(&self) -> Option<Vec<u8>> {
        ChainedLine::parse(&self.bytes).map(|line| line.event())
    }

    /// The line without its newline.
    pub(crate) fn text(&self) -> &[u8] {
        self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes)
    }
}

impl LogStream {
    /// The log in `dir`, which survives a loss of power up to the line that `synced` says.
    pub(crate) fn new(dir: &Path, synced: watch::Receiver<u64>) -> Self {
        Self {
            files: Arc::new(Files {
                dir: dir.to_owned(),
                places: Mutex::default(),
                told: Mutex::default(),
            }),
            synced,
        }
    }

    /// Lines behind number `after`, oldest first: at least one if there is one, no more than `most`,
    /// and no further one once there are `most_bytes`.
    pub(crate) async fn lines(
        &self,
        after: u64,
        most: usize,
        most_bytes: usize,
    ) -> io::Result<Vec<LogLine>> {
        let through = self.newest();
        if through <= after {
            return Ok(Vec::new());
        }
        let files = Arc::clone(&self.files);
        let wanted = Wanted {
            last: after,
            through,
            most: most.max(1),
            most_bytes,
            bytes: 0,
            lines: Vec::new(),
        };
        let read = tokio::task::spawn_blocking(move || files.read(wanted));
        read.await.map_err(io::Error::other)?
    }
}

impl EventStream for LogStream {
    fn read(&self, after: u64, most: usize) -> PortFuture<'_, Vec<StreamedEvent>, CommonError> {
        Box::pin(async move {
            let lines = self.lines(after, most, MOST_BYTES).await;
            let lines = lines.map_err(CommonError::internal)?;
            let events = lines.into_iter().filter_map(|line| {
                Some(StreamedEvent {
                    sequence: line.sequence,
                    record: line.event()?.into(),
                })
            });
            Ok(events.collect())
        })
    }

    fn newest(&self) -> u64 {
        *self.synced.borrow()
    }

    fn grown(&self, after: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut synced = self.synced.clone();
        Box::pin(async move {
            let grew = synced.wait_for(|through| *through > after).await.is_ok();
            if !grew {
                // The log is closed: nothing comes any more.
                std::future::pending::<()>().await;
            }
        })
    }
}

/// What one read is to bring, and has brought so far.
struct Wanted {
    /// The last line that the reader has.
    last: u64,
    /// The last line that it may have.
    through: u64,
    most: usize,
    most_bytes: usize,
    bytes: usize,
    lines: Vec<LogLine>,
}

impl Wanted {
    fn is_complete(&self) -> bool {
        self.last >= self.through
            || self.lines.len() >= self.most
            || (self.bytes >= self.most_bytes && !self.lines.is_empty())
    }

    fn take(&mut self, line: &ChainedLine<'_>, bytes: &[u8]) {
        self.last = line.position.sequence;
        self.bytes = self.bytes.saturating_add(bytes.len());
        self.lines.push(LogLine {
            sequence: line.position.sequence,
            hash: line.position.hash,
            bytes: Bytes::copy_from_slice(bytes),
        });
    }
}

/// The segments.
struct Files {
    dir: PathBuf,
    places: Mutex<Places>,
    /// What cannot be read and was said to be so: segments and offsets.
    told: Mutex<BTreeSet<(u64, u64)>>,
}

impl Files {
    fn read(&self, mut wanted: Wanted) -> io::Result<Vec<LogLine>> {
        let known = self.places.lock().behind(wanted.last);
        let mut next = match known {
            Some(place) => Some(place),
            None => self.search(wanted.last)?,
        };
        while let Some(mut place) = next {
            let taken = wanted.lines.len();
            self.read_segment(&mut place, &mut wanted)?;
            if wanted.lines.len() > taken {
                self.places.lock().remember(wanted.last, place);
            }
            if wanted.is_complete() {
                break;
            }
            next = self.segment_behind(place.segment)?;
        }
        Ok(wanted.lines)
    }

    /// Takes lines from `place` on, which is moved behind the last one taken.
    fn read_segment(&self, place: &mut Place, wanted: &mut Wanted) -> io::Result<()> {
        let path = self.dir.join(FileName::segment(place.segment));
        let mut file = match File::open(path) {
            // Retention was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => opened?,
        };
        let begin = place.offset;
        file.seek(SeekFrom::Start(begin))?;
        let mut lines = Lines::new(BufReader::with_capacity(READ_BYTES, file));
        let mut before = begin;
        while !wanted.is_complete()
            && let Some(line) = lines.next_line()?
        {
            let end = begin.saturating_add(line.end);
            match ChainedLine::parse(line.bytes) {
                Some(chained) if chained.position.sequence > wanted.through => break,
                Some(chained) if chained.position.sequence > wanted.last => {
                    if wanted.lines.is_empty() && before > begin {
                        // Whoever comes again from there is not to search again.
                        let here = Place {
                            segment: place.segment,
                            offset: before,
                        };
                        self.places.lock().remember(wanted.last, here);
                    }
                    wanted.take(&chained, line.bytes);
                    place.offset = end;
                }
                Some(_) => {}
                None => self.tell(place.segment, before),
            }
            before = end;
        }
        Ok(())
    }

    /// Where to look for what comes behind line `last`.
    fn search(&self, last: u64) -> io::Result<Option<Place>> {
        let segments = self.segments()?;
        let next = last.saturating_add(1);
        let holding = segments.range(..=next).next_back();
        let first = holding.or_else(|| segments.first()).copied();
        Ok(first.map(Place::beginning_of))
    }

    fn segment_behind(&self, segment: u64) -> io::Result<Option<Place>> {
        let segments = self.segments()?;
        let behind = segments.range(segment.saturating_add(1)..).next().copied();
        Ok(behind.map(Place::beginning_of))
    }

    fn segments(&self) -> io::Result<BTreeSet<u64>> {
        let mut segments = BTreeSet::new();
        for entry in fs::read_dir(&self.dir)? {
            let name = entry?.file_name();
            if let Some(FileName::Segment(first)) = FileName::parse(&name.to_string_lossy()) {
                segments.insert(first);
            }
        }
        Ok(segments)
    }

    fn tell(&self, segment: u64, offset: u64) {
        let mut told = self.told.lock();
        if told.len() < MOST_TOLD && told.insert((segment, offset)) {
            tracing::error!(
                segment = FileName::segment(segment),
                offset,
                "what stands here in the audit log is no line of it, and is passed over"
            );
        }
    }
}

/// What one read of events brings at most, but for a single one that is larger.
const MOST_BYTES: usize = 1 << 20;
const READ_BYTES: usize = 128 << 10;
/// More is not one accident, and would fill the server's own log.
const MOST_TOLD: usize = 100;

#[cfg(test)]
mod tests;
