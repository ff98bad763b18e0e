//! What there is of a log, before anything is believed. Nothing here changes a file but
//! [`Stand::mend_history`].

use super::tail::{self, is_chained, is_event};
use crate::audit::log::READ_BYTES;
use crate::files::{self, FileError};
use ::audit::{
    BEGINNING, ChainedLine, FileName, HEAD, HISTORY, Hash, Head, History, Opened, Position, Said,
    Statement, survey,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

/// What there is of a log.
pub(super) struct Stand {
    pub(super) dir: PathBuf,
    deployment: String,
    /// The segments, by their first lines.
    pub(super) segments: BTreeSet<u64>,
    /// The names of the statements about segments, losses and keys, in their order.
    pub(super) statements: BTreeMap<(u64, Kind), String>,
    /// What the log says that it begins with.
    pub(super) beginning: Option<Vec<u8>>,
    /// What the log says of where it ends.
    pub(super) head: Option<Vec<u8>>,
    /// The last statement.
    pub(super) newest: Option<(String, Vec<u8>)>,
    /// The hash of the last statement.
    pub(super) previous: Hash,
    /// The log from before the chain, as long as nothing is signed.
    pub(super) history: Option<History>,
}

/// In the order in which statements with the same number come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Key,
    Loss,
    Digest,
}

impl Stand {
    /// Looks at `dir`.
    pub(super) fn read(dir: &Path, deployment: &str) -> Result<Self, FileError> {
        tail::refuse_irregular(dir)?;
        let mut stand = Self {
            dir: dir.to_owned(),
            deployment: deployment.to_owned(),
            segments: tail::segments(dir)?,
            statements: BTreeMap::new(),
            beginning: None,
            head: None,
            newest: None,
            previous: Hash::of(b""),
            history: None,
        };
        stand.read_statements()?;
        if stand.newest.is_none() {
            stand.look_at_history()?;
        }
        Ok(stand)
    }

    /// Looks which statements there are.
    pub(super) fn read_statements(&mut self) -> Result<(), FileError> {
        self.statements = tail::names(&self.dir)?
            .into_iter()
            .filter_map(|name| match FileName::parse(&name)? {
                FileName::Loss(first) => Some(((first, Kind::Loss), name)),
                FileName::Digest(first) => Some(((first, Kind::Digest), name)),
                FileName::Key(first) => Some(((first, Kind::Key), name)),
                FileName::Index(_) | FileName::Segment(_) | FileName::PublicKey => None,
            })
            .collect();
        self.beginning = files::read_if_there(&self.dir.join(BEGINNING))?;
        self.head = files::read_if_there(&self.dir.join(HEAD))?;
        self.newest = match self.statements.values().next_back() {
            Some(name) => {
                files::read_if_there(&self.dir.join(name))?.map(|content| (name.clone(), content))
            }
            None => { self.beginning.clone() }.map(|content| (String::from(BEGINNING), content)),
        };
        if let Some((_, content)) = &self.newest {
            self.previous = Hash::of(content);
        }
        Ok(())
    }

    /// Whether nothing was ever signed here. A head alone that tells of no event is left by a server
    /// that died while it began.
    pub(super) fn is_new(&self) -> bool {
        let has_begun = || self.floor().is_none_or(|head| head.position.sequence > 0);
        let is_blank = self.beginning.is_none() && self.statements.is_empty();
        is_blank && !(self.head.is_some() && has_begun())
    }

    /// How far the log went, as its head has it.
    pub(super) fn floor(&self) -> Option<Head> {
        let opened = Statement::peek(self.head.as_deref()?).ok()?;
        match opened.statement.said {
            Said::Head(head) => Some(head),
            _ => None,
        }
    }

    /// The line up to which everything is in closed segments, as the last statement has it. Without
    /// one, it is where the log begins. `None`: it cannot be read.
    pub(super) fn base(&self) -> Option<Position> {
        let Some((_, content)) = &self.newest else {
            let history = self.history.as_ref();
            return Some(Position::beginning(&self.deployment, history));
        };
        base_of(&Statement::peek(content).ok()?)
    }

    /// The segments that no statement closes.
    pub(super) fn open_segments(&self) -> Vec<u64> {
        let base = self.base().map_or(0, |base| base.sequence);
        self.segments
            .range(base.saturating_add(1)..)
            .copied()
            .collect()
    }

    /// The last line that has the form of one, without a look at what is before it, and the segment
    /// that can be gone on with.
    pub(super) fn last_line(&self) -> Result<(Position, Option<u64>), FileError> {
        let open = self.open_segments();
        for first in open.iter().rev() {
            let path = self.dir.join(FileName::segment(*first));
            let (_, last) = tail::last_whole_line(&path, is_chained)?;
            if let Some(line) = last.as_deref().and_then(ChainedLine::parse) {
                return Ok((line.position, open.last().copied()));
            }
        }
        let beginning = Position::beginning(&self.deployment, None);
        Ok((self.base().unwrap_or(beginning), open.last().copied()))
    }

    /// Looks at the log from before the chain. It is read as a whole, once in the life of a log. What
    /// is torn at its end, as long as nothing came after it, is none of it.
    fn look_at_history(&mut self) -> Result<(), FileError> {
        let path = self.dir.join(HISTORY);
        if !files::is_there(&path)? {
            return Ok(());
        }
        let whole = if self.segments.is_empty() {
            tail::last_whole_line(&path, is_event)?.0
        } else {
            u64::MAX
        };
        let read = || {
            let whole = File::open(&path)?.take(whole);
            survey(BufReader::with_capacity(READ_BYTES, whole))
        };
        let survey = read().map_err(FileError::io("read", &path))?;
        self.history = Some(History {
            length: survey.length,
            sha256: survey.sha256,
        });
        Ok(())
    }

    /// Cuts off what is none of the log from before the chain.
    pub(super) fn mend_history(&self) -> Result<(), FileError> {
        let Some(history) = &self.history else {
            return Ok(());
        };
        let path = self.dir.join(HISTORY);
        let metadata = std::fs::metadata(&path).map_err(FileError::io("read", &path))?;
        if metadata.len() > history.length {
            tail::cut(&path, history.length)?;
        }
        Ok(())
    }
}

/// The line up to which a statement tells of everything.
pub(super) fn base_of(opened: &Opened) -> Option<Position> {
    match &opened.statement.said {
        Said::Beginning(beginning) => Some(beginning.position),
        Said::Segment(segment) => Some(segment.last()),
        Said::Key(change) => Some(change.after),
        Said::Loss(loss) => Some(loss.last),
        Said::Head(_) | Said::Retention(_) => None,
    }
}
