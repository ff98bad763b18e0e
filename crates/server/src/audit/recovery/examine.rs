//! Whether a log is what it was: by its own signed statements, and by what the store remembers.
//!
//! What stands behind the last signed line may be torn by a loss of power anywhere, not only at its
//! end, since nothing of it was synced for sure. It is cut at the first line that does not fit; what
//! matters of it is in the outbox. Everything up to the signed line must be there.
//!
//! Nothing is changed here: what is to be cut is told.

use super::stand::{Kind, Stand, base_of};
use super::tail::OpenAt;
use crate::audit::log::READ_BYTES;
use crate::audit::signer::Signer;
use crate::audit::signing::Closed;
use crate::files::{self, FileError};
use ::audit::{FileName, Hash, Head, Opened, Position, PublicKey, PublicKeys, Said, Statement};
use ::audit::{StatementError, Trouble, Walk, walk};
use base::Timestamp;
use std::fs::File;
use std::io::BufReader;
use std::time::Duration;

/// What a log was found to be.
pub(super) struct Examined {
    /// The last line that is as it was.
    pub(super) last: Position,
    /// The segment that can be gone on with.
    pub(super) open: Option<OpenAt>,
    /// Segments that have no digest yet.
    pub(super) closed: Vec<Closed>,
    /// The last closed segment, and its length.
    pub(super) before: (u64, u64),
    /// The hash of the last statement.
    pub(super) previous: Hash,
    /// How far the log went, as its head and the store have it.
    pub(super) heads: Vec<Position>,
    /// Whether nothing was ever signed.
    pub(super) is_new: bool,
    /// The segment that is torn behind the last signed line, and how much of it fits.
    pub(super) torn_at: Option<(u64, u64)>,
    /// What is wrong.
    pub(super) complaint: Option<String>,
}

impl Stand {
    /// Looks whether the log is what it was.
    pub(super) fn examine(
        &self,
        signer: &Signer,
        remembered: Option<Position>,
    ) -> Result<Examined, FileError> {
        let mut examination = Examination {
            stand: self,
            keys: signer.believed(),
            own: signer.public(),
            found: Vec::new(),
            examined: Examined {
                last: self.base().unwrap_or_else(|| Position::beginning("", None)),
                open: None,
                closed: Vec::new(),
                before: (0, 0),
                previous: self.previous,
                heads: remembered.into_iter().collect(),
                is_new: remembered.is_none() && self.is_new(),
                torn_at: None,
                complaint: None,
            },
        };
        if !examination.examined.is_new {
            examination.look_at_statements()?;
            examination.look_at_head()?;
        }
        examination.look_at_lines(signer)?;
        examination.look_for_heads();
        Ok(examination.examined)
    }
}

struct Examination<'a> {
    stand: &'a Stand,
    keys: PublicKeys,
    own: PublicKey,
    examined: Examined,
    /// The lines of the heads that were found.
    found: Vec<Position>,
}

impl Examination<'_> {
    fn complain(&mut self, text: String) {
        self.examined.complaint.get_or_insert(text);
    }

    fn look_at_statements(&mut self) -> Result<(), FileError> {
        if self.stand.beginning.is_none() && !self.is_loss_of_beginning_accepted()? {
            self.complain(String::from("the audit log has lost `beginning.json`"));
        }
        let Some((name, content)) = &self.stand.newest else {
            return Ok(());
        };
        match self.open(name, content) {
            Ok(opened) => {
                // SECURITY: whoever has a key that was replaced names no other than ours.
                let is_other =
                    matches!(&opened.statement.said, Said::Key(change) if change.next != self.own);
                if is_other || base_of(&opened).is_none() {
                    self.complain(format!("`{name}` of the audit log says something else"));
                }
                if let Said::Segment(segment) = &opened.statement.said {
                    self.examined.before = (segment.first_sequence, segment.length);
                }
            }
            Err(error) => self.complain(format!(
                "`{name}` of the audit log cannot be believed: {error}"
            )),
        }
        Ok(())
    }

    /// The statement `name`, if who signed it stood for it.
    fn open(&self, name: &str, content: &[u8]) -> Result<Opened, StatementError> {
        let number = FileName::event_of(name).unwrap_or(u64::MAX);
        Statement::open(content, &self.keys)?.of_event(number, &self.keys)
    }

    /// Whether a statement of ours tells that an operator took note that the beginning is lost.
    fn is_loss_of_beginning_accepted(&self) -> Result<bool, FileError> {
        let statements = self.stand.statements.iter();
        for (_, name) in statements.filter(|((_, kind), _)| *kind == Kind::Loss) {
            let content = files::read_if_there(&self.stand.dir.join(name))?;
            let opened = self.open(name, &content.unwrap_or_default());
            if matches!(opened.map(|opened| opened.statement.said), Ok(Said::Loss(loss)) if loss.beginning)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn look_at_head(&mut self) -> Result<(), FileError> {
        let Some(content) = &self.stand.head else {
            self.complain(String::from("the audit log has lost `head.json`"));
            return Ok(());
        };
        match Statement::open(content, &self.keys) {
            Ok(opened) => match opened.statement.said {
                Said::Head(Head { position, .. }) => {
                    self.examined.heads.push(position);
                    // A head of an earlier key is from before that was replaced.
                    if !self
                        .keys
                        .may_sign(opened.statement.key_id(), position.sequence)
                    {
                        self.complain(format!(
                            "`head.json` of the audit log cannot be believed: {}",
                            StatementError::ReplacedKey
                        ));
                    }
                    if !self.has_statement(opened.statement.previous)? {
                        self.complain(String::from(
                            "a digest that the head of the audit log names is gone",
                        ));
                    }
                }
                _ => self.complain(String::from(
                    "`head.json` of the audit log says something else",
                )),
            },
            Err(error) => {
                self.complain(format!(
                    "`head.json` of the audit log cannot be believed: {error}"
                ));
            }
        }
        Ok(())
    }

    /// Whether there is a statement with that hash. It is one of the last, or was changed.
    fn has_statement(&self, hash: Option<Hash>) -> Result<bool, FileError> {
        if hash == Some(self.stand.previous) {
            return Ok(true);
        }
        for name in self.stand.statements.values().rev() {
            let content = files::read_if_there(&self.stand.dir.join(name))?;
            if content.map(|content| Hash::of(&content)) == hash {
                return Ok(true);
            }
        }
        Ok(self.stand.beginning.as_deref().map(Hash::of) == hash)
    }

    /// Goes through the segments that have no digest.
    fn look_at_lines(&mut self, signer: &Signer) -> Result<(), FileError> {
        let open = self.stand.open_segments();
        let signed = { self.examined.heads.iter() }
            .map(|head| head.sequence)
            .max()
            .unwrap_or(0);
        let mut at = self.stand.base();
        for first in &open {
            let is_last = open.last() == Some(first);
            let follows = at.is_none_or(|at| at.sequence.saturating_add(1) == *first);
            if !follows {
                let name = FileName::segment(*first);
                self.complain(format!(
                    "`{name}` does not follow what is before it in the audit log"
                ));
                at = None;
            }
            let walk = self.walk(signer, *first, at)?;
            let seen = walk.last.or(at).map_or(0, |last| last.sequence);
            self.note_trouble(&walk, *first, is_last, seen >= signed);
            let previous_hash = at.map(|at| at.hash);
            at = walk.last.or(at);
            if is_last {
                self.examined.open = Some(OpenAt {
                    first: *first,
                    previous_hash,
                    age: age(&walk, signer),
                    contents: walk.contents,
                });
            } else if let (Some(previous_hash), Some(last)) = (previous_hash, walk.last) {
                self.examined.closed.push(Closed {
                    first: *first,
                    previous_hash,
                    last,
                    survey: walk.contents.survey(),
                });
            }
        }
        if let Some(at) = at {
            self.examined.last = at;
        }
        Ok(())
    }

    /// Notes what is wrong with the segment `first`, which `is_behind` all that was signed or not.
    fn note_trouble(&mut self, walk: &Walk, first: u64, is_last: bool, is_behind: bool) {
        let Some((line, trouble)) = &walk.trouble else {
            return;
        };
        if is_last && is_behind {
            self.examined.torn_at = Some((first, walk.contents.length()));
        } else if is_last && *trouble == Trouble::Incomplete {
            // The end is missing, which is told by the heads, and how much of it.
        } else {
            let name = FileName::segment(first);
            self.complain(format!(
                "line {line} of `{name}` of the audit log: {trouble}"
            ));
        }
    }

    fn walk(
        &mut self,
        signer: &Signer,
        first: u64,
        start: Option<Position>,
    ) -> Result<Walk, FileError> {
        let path = self.stand.dir.join(FileName::segment(first));
        let watch: Vec<u64> = { self.examined.heads.iter() }
            .map(|head| head.sequence)
            .collect();
        let read = || {
            let reader = BufReader::with_capacity(READ_BYTES, File::open(&path)?);
            walk(reader, &signer.deployment, start, &watch)
        };
        let walk = read().map_err(FileError::io("read", &path))?;
        self.found
            .extend(walk.watched.iter().map(|(position, _)| *position));
        Ok(walk)
    }

    /// Whether the log goes as far as it did. What is closed is under a signature of its own.
    fn look_for_heads(&mut self) {
        let base = self.stand.base().map_or(0, |base| base.sequence);
        let last = self.examined.last.sequence;
        for head in self.examined.heads.clone() {
            let number = head.sequence;
            if number > last {
                self.complain(format!(
                    "the audit log ends with event {last}, and went on to event {number}"
                ));
            } else if number > base && !self.found.contains(&head) {
                self.complain(format!(
                    "event {number} of the audit log is not the one that was signed"
                ));
            }
        }
    }
}

/// How long ago the first event was.
fn age(walk: &Walk, signer: &Signer) -> Duration {
    let basic = { walk.contents.survey() }
        .first_event_time
        .as_ref()
        .map(|time| time.replace(['-', ':'], ""));
    let Some(begun) = basic.and_then(|time| Timestamp::parse_basic(&time)) else {
        return Duration::ZERO;
    };
    let millis = signer
        .clock
        .now()
        .as_millis()
        .saturating_sub(begun.as_millis());
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}
