//! The log, looked up through the indexes of its segments.
//!
//! Rules kept here:
//! - an index is made when it is needed, or in time before that, and again when it is of no use; one look
//!   makes no more than a few, and gives a short page then;
//! - INVARIANT: nothing is shown that a loss of power could still take away;
//! - the segment that grows is indexed in memory, as far as it was looked at; of the others nothing but
//!   the times of their events is kept;
//! - files are read on threads of their own, and by no more than a few at once; who finds no seat for
//!   some seconds is told so, and does not wait for ever.

use super::log::READ_BYTES;
use ::audit::FileName;
use ::audit::index::{
    BuiltIndex, Found, Index as _, IndexError, IndexFile, Mark, Question, search,
};
use base::CommonError;
use bytes::Bytes;
use parking_lot::Mutex;
use services::ports::{EventHistory, HistoryPage, NotLookedUp, PortFuture, StreamedEvent};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

/// The log, looked up.
pub(crate) struct History {
    shelves: Arc<Shelves>,
    synced: watch::Receiver<u64>,
    seats: Arc<Semaphore>,
    /// How long one waits for a seat.
    patience: Duration,
}

impl History {
    /// The log in `dir`, which survives a loss of power up to the line that `synced` says.
    pub(crate) fn new(dir: &Path, synced: watch::Receiver<u64>) -> Self {
        Self {
            shelves: Arc::new(Shelves {
                dir: dir.to_owned(),
                growing: Mutex::default(),
                times: Mutex::default(),
            }),
            synced,
            seats: Arc::new(Semaphore::new(MOST_AT_ONCE)),
            patience: PATIENCE,
        }
    }

    /// Makes the index of one closed segment that has none, and removes those whose segments are gone.
    /// Gives whether there was one to make.
    pub(crate) async fn tend(&self) -> io::Result<bool> {
        let shelves = Arc::clone(&self.shelves);
        let tended = tokio::task::spawn_blocking(move || shelves.tend());
        tended.await.map_err(io::Error::other)?
    }

    async fn look(&self, question: Question, most: usize) -> Result<Page, NotLookedUp> {
        let seat = timeout(self.patience, Arc::clone(&self.seats).acquire_owned()).await;
        let seat = seat.map_err(|_| NotLookedUp::Busy)?;
        let seat = seat.map_err(CommonError::internal)?;
        let shelves = Arc::clone(&self.shelves);
        let through = *self.synced.borrow();
        let looked = tokio::task::spawn_blocking(move || {
            // Kept as long as files are read, also when nobody waits for the answer any more.
            let _seat = seat;
            shelves.look(&question, most, through)
        });
        let looked = looked.await.map_err(CommonError::internal)?;
        Ok(looked.map_err(CommonError::internal)?)
    }
}

impl EventHistory for History {
    fn look_up(&self, question: Question, most: usize) -> PortFuture<'_, HistoryPage, NotLookedUp> {
        Box::pin(async move {
            let page = self.look(question, most).await?;
            let events = page.found.into_iter().map(|found| StreamedEvent {
                sequence: found.sequence,
                record: Bytes::from(found.record),
            });
            Ok(HistoryPage {
                events: events.collect(),
                next: page.next,
            })
        })
    }
}

struct Page {
    found: Vec<Found>,
    next: Option<u64>,
}

/// The segments and their indexes.
struct Shelves {
    dir: PathBuf,
    /// The index of the segment that grows, or grew when it was last looked at.
    growing: Mutex<Option<BuiltIndex>>,
    /// The times of the oldest and of the newest event of closed segments. `None`: there is no event.
    times: Mutex<BTreeMap<u64, Times>>,
}

type Times = Option<(i64, i64)>;

/// What one look may cost.
struct Budget {
    segments: usize,
    indexes: usize,
}

impl Shelves {
    fn look(&self, question: &Question, most: usize, through: u64) -> io::Result<Page> {
        let segments = self.segments()?;
        let newest = segments.last().copied();
        let mut budget = Budget {
            segments: MOST_SEGMENTS,
            indexes: MOST_INDEXES,
        };
        // One more, to know whether there are more.
        let wanted = most.saturating_add(1);
        let mut found = Vec::new();
        for first in segments.into_iter().rev() {
            if first >= question.before || first > through {
                continue;
            }
            let more = wanted.saturating_sub(found.len());
            if Some(first) == newest {
                self.look_at_growing(first, through, question, more, &mut found)?;
            } else if self.may_hold(first, question) {
                self.look_at_closed(first, question, more, &mut found, &mut budget)?;
            }
            if found.len() > most {
                break;
            }
            if budget.segments == 0 || budget.indexes == 0 {
                return Ok(Page {
                    found,
                    next: Some(first),
                });
            }
        }
        let has_more = found.len() > most;
        found.truncate(most);
        let last = found.last().map(|last| last.sequence);
        Ok(Page {
            next: last.filter(|_| has_more),
            found,
        })
    }

    /// Whether a closed segment may hold what is asked for, as far as that is known.
    fn may_hold(&self, first: u64, question: &Question) -> bool {
        match self.times.lock().get(&first) {
            None => true,
            Some(None) => false,
            Some(Some((oldest, newest))) => *newest >= question.from && *oldest <= question.to,
        }
    }

    fn look_at_growing(
        &self,
        first: u64,
        through: u64,
        question: &Question,
        most: usize,
        found: &mut Vec<Found>,
    ) -> io::Result<()> {
        let Some(mut segment) = self.open_segment(first)? else {
            return Ok(());
        };
        let mut growing = self.growing.lock();
        if growing.as_ref().is_none_or(|known| known.first() != first) {
            *growing = None;
        }
        let index = growing.get_or_insert_with(|| BuiltIndex::new(first));
        segment.seek(SeekFrom::Start(index.length()))?;
        index.extend(BufReader::with_capacity(READ_BYTES, &segment), through)?;
        let before = found.len();
        let outcome = search(index, &segment, question, most, found);
        if outcome.is_err() {
            found.truncate(before);
            *growing = None;
        }
        outcome.map_err(plain)
    }

    fn look_at_closed(
        &self,
        first: u64,
        question: &Question,
        most: usize,
        found: &mut Vec<Found>,
        budget: &mut Budget,
    ) -> io::Result<()> {
        let Some(segment) = self.open_segment(first)? else {
            return Ok(());
        };
        budget.segments = budget.segments.saturating_sub(1);
        let before = found.len();
        let looked = self.open_index(first, &segment).and_then(|mut index| {
            self.times.lock().insert(first, index.times());
            search(&mut index, &segment, question, most, found)
        });
        if looked.is_ok() {
            return Ok(());
        }
        found.truncate(before);
        budget.indexes = budget.indexes.saturating_sub(1);
        let mut made = self.make(first, &segment)?;
        search(&mut made, &segment, question, most, found).map_err(plain)
    }

    fn open_index(&self, first: u64, segment: &File) -> Result<IndexFile<File>, IndexError> {
        let mark = Mark::of(segment, segment.metadata()?.len())?;
        let file = File::open(self.dir.join(FileName::index(first)))?;
        IndexFile::open(file, first, &mark)
    }

    /// Makes the index of a closed segment, and leaves it beside it when that can be.
    fn make(&self, first: u64, segment: &File) -> io::Result<BuiltIndex> {
        let index = match self.grown(first) {
            Some(index) if index.length() == segment.metadata()?.len() => index,
            _ => {
                let mut index = BuiltIndex::new(first);
                let mut from = segment;
                from.seek(SeekFrom::Start(0))?;
                index.extend(BufReader::with_capacity(READ_BYTES, from), u64::MAX)?;
                index
            }
        };
        self.times.lock().insert(first, index.times());
        let mark = Mark::of(segment, index.length())?;
        if let Some(encoded) = index.encode(&mark)
            && let Err(error) = self.keep(first, &encoded)
        {
            tracing::warn!(%error, segment = first, "an index of the audit log cannot be kept");
        }
        Ok(index)
    }

    /// What was made of the segment while it grew.
    fn grown(&self, first: u64) -> Option<BuiltIndex> {
        let mut growing = self.growing.lock();
        growing.take_if(|index| index.first() == first)
    }

    /// Not synced: what a loss of power leaves of it is found out and made again.
    fn keep(&self, first: u64, encoded: &[u8]) -> io::Result<()> {
        let path = self.dir.join(FileName::index(first));
        let staged = path.with_extension("index.new");
        let written = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&staged)
            .and_then(|mut file| file.write_all(encoded))
            .and_then(|()| fs::rename(&staged, &path));
        if written.is_err() {
            // It is in the way of what needs the room more.
            let _ = fs::remove_file(&staged);
        }
        written
    }

    fn tend(&self) -> io::Result<bool> {
        let segments = self.segments()?;
        self.forget(&segments)?;
        let Some(newest) = segments.last().copied() else {
            return Ok(false);
        };
        for first in segments.range(..newest).rev() {
            if self.times.lock().contains_key(first) {
                continue;
            }
            let Some(segment) = self.open_segment(*first)? else {
                continue;
            };
            match self.open_index(*first, &segment) {
                Ok(index) => self.times.lock().insert(*first, index.times()),
                Err(_) => return self.make(*first, &segment).map(|_| true),
            };
        }
        Ok(false)
    }

    /// Forgets and removes what belongs to segments that are gone.
    fn forget(&self, segments: &BTreeSet<u64>) -> io::Result<()> {
        self.times
            .lock()
            .retain(|first, _| segments.contains(first));
        for first in self.numbers(|name| match name {
            FileName::Index(first) => Some(first),
            _ => None,
        })? {
            if !segments.contains(&first) {
                fs::remove_file(self.dir.join(FileName::index(first)))?;
            }
        }
        Ok(())
    }

    fn segments(&self) -> io::Result<BTreeSet<u64>> {
        self.numbers(|name| match name {
            FileName::Segment(first) => Some(first),
            _ => None,
        })
    }

    fn numbers(&self, of: impl Fn(FileName) -> Option<u64>) -> io::Result<BTreeSet<u64>> {
        let mut numbers = BTreeSet::new();
        for entry in fs::read_dir(&self.dir)? {
            let name = entry?.file_name();
            numbers.extend(FileName::parse(&name.to_string_lossy()).and_then(&of));
        }
        Ok(numbers)
    }

    /// `None`: retention was faster.
    fn open_segment(&self, first: u64) -> io::Result<Option<File>> {
        match File::open(self.dir.join(FileName::segment(first))) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some),
        }
    }
}

fn plain(error: IndexError) -> io::Error {
    match error {
        IndexError::Io(error) => error,
        damaged @ IndexError::Damaged => io::Error::other(damaged),
    }
}

/// How many look at once. More would only wait for the same disk.
const MOST_AT_ONCE: usize = 4;
/// How long one waits for a seat. Clients try again after they were refused.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many closed segments one look opens.
const MOST_SEGMENTS: usize = 2_000;
/// How many indexes one look makes: each takes as long as reading its segment.
const MOST_INDEXES: usize = 4;

#[cfg(test)]
mod tests;
