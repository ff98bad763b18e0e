use crate::Error;
use bytes::Bytes;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use tokio::sync::oneshot;

/// A file that requests are appended to: the least that durability can cost.
///
/// INVARIANT: an append is told as done only after its bytes are synced to disk. One thread
/// writes; what has come in while it synced goes to disk together.
pub(super) struct Journal(Sender<Entry>);

struct Entry {
    bytes: Bytes,
    done: oneshot::Sender<()>,
}

impl Journal {
    /// Begins a new journal at `path`.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let file = File::create(path).map_err(Error::io(path.display().to_string()))?;
        let (sender, entries) = channel();
        // The thread ends when the journal is dropped, or the disk fails: then its entries are
        // dropped too, which tells those who wait.
        thread::spawn(move || keep_writing(file, &entries));
        Ok(Self(sender))
    }

    /// Appends `bytes`. True when they are on disk, false when the disk failed.
    pub(super) async fn append(&self, bytes: Bytes) -> bool {
        let (done, told) = oneshot::channel();
        self.0.send(Entry { bytes, done }).is_ok() && told.await.is_ok()
    }
}

fn keep_writing(mut file: File, entries: &Receiver<Entry>) -> io::Result<()> {
    let mut batch = Vec::new();
    let mut waiting = Vec::new();
    while let Ok(first) = entries.recv() {
        for entry in std::iter::once(first).chain(entries.try_iter()) {
            batch.extend_from_slice(&entry.bytes);
            batch.push(b'\n');
            waiting.push(entry.done);
        }
        file.write_all(&batch)?;
        file.sync_data()?;
        batch.clear();
        for done in waiting.drain(..) {
            // A client that went away does not wait any more.
            let _ = done.send(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::task::JoinSet;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(future)
    }

    #[test]
    fn what_is_told_as_done_is_in_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let journal = std::sync::Arc::new(Journal::open(&path).unwrap());

        let all_done = block_on(async {
            let mut appends = JoinSet::new();
            for number in 0..200 {
                let journal = journal.clone();
                let bytes = Bytes::from(format!("entry {number}"));
                appends.spawn(async move { journal.append(bytes).await });
            }
            appends.join_all().await.into_iter().all(|done| done)
        });

        let text = std::fs::read_to_string(&path).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.sort_unstable();
        lines.dedup();
        assert!(all_done);
        assert_eq!(lines.len(), 200);
    }

    #[test]
    fn a_full_disk_is_told_to_all_who_wait() {
        let journal = Journal::open(Path::new("/dev/full")).unwrap();

        let done = block_on(journal.append(Bytes::from_static(b"entry")));
        let after = block_on(journal.append(Bytes::from_static(b"entry")));

        assert!(!done);
        assert!(!after);
    }

    #[test]
    fn a_journal_needs_its_folder() {
        let opened = Journal::open(Path::new("/nonexistent/journal"));

        assert!(matches!(opened, Err(Error::Io { .. })));
    }
}
