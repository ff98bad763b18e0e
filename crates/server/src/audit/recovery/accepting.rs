//! Taking note of a loss: what is left is closed under digests, and a statement tells what is lost.
//!
//! INVARIANT: the statements go on as one chain. One that is there already and says the same stays,
//! and one that is replaced is not named by the one in its place.

use super::examine::Examined;
use super::stand::Stand;
use super::{Accepted, RecoveryError};
use crate::audit::signer::Signer;
use crate::audit::signing::Closed;
use crate::files::{self, FileError};
use ::audit::{FileName, Hash, Loss, Said, Statement};
use std::fs::File;
use std::path::Path;

/// Says, signed, that the log is not what it was, and goes on behind all numbers that it ever had.
pub(super) fn accept(
    dir: &Path,
    signer: &Signer,
    stand: &mut Stand,
    examined: &mut Examined,
    reason: String,
) -> Result<Accepted, RecoveryError> {
    let after = examined.last;
    close(dir, signer, stand, examined)?;
    let mut last = after;
    for head in &examined.heads {
        if head.sequence > last.sequence {
            last = *head;
        }
    }
    let highest = stand.segments.iter().next_back().copied().unwrap_or(0);
    last.sequence = last.sequence.max(highest);
    let loss = Loss {
        after,
        last,
        reason: reason.clone(),
        beginning: stand.beginning.is_none(),
    };
    say(dir, signer, stand, loss)?;
    examined.previous = stand.previous;
    examined.last = last;
    Ok(Accepted {
        reason,
        first: after.sequence.saturating_add(1),
        last: last.sequence,
    })
}

/// Signs what is left of the segments that have no digest, the one that was written to as well.
/// Nothing is appended to them any more.
fn close(
    dir: &Path,
    signer: &Signer,
    stand: &mut Stand,
    examined: &mut Examined,
) -> Result<(), RecoveryError> {
    let mut closed = std::mem::take(&mut examined.closed);
    if let Some(open) = examined.open.take()
        && let Some(previous_hash) = open.previous_hash
        && open.contents.length() > 0
    {
        closed.push(Closed {
            first: open.first,
            previous_hash,
            last: examined.last,
            survey: open.contents.survey(),
        });
    }
    for closed in closed {
        let path = dir.join(FileName::digest(closed.first));
        // SECURITY: a digest that cannot be believed is not replaced: it tells of what was done.
        if files::is_there(&path)? {
            continue;
        }
        let segment = dir.join(FileName::segment(closed.first));
        File::open(&segment)
            .and_then(|file| file.sync_data())
            .map_err(FileError::io("sync", &segment))?;
        let content = signer.sign(Some(stand.previous), closed.said())?;
        files::write(&path, 0o600, &content)?;
        stand.previous = Hash::of(&content);
        examined.before = (closed.first, closed.survey.length);
    }
    Ok(())
}

/// Signs the statement of `loss`, unless one of ours says the same.
fn say(dir: &Path, signer: &Signer, stand: &mut Stand, loss: Loss) -> Result<(), RecoveryError> {
    let name = FileName::loss(loss.after.sequence.saturating_add(1));
    let path = dir.join(&name);
    if let Some(there) = files::read_if_there(&path)? {
        let keys = signer.public().into();
        let opened = Statement::open(&there, &keys).map(|opened| opened.statement.said);
        if let Ok(Said::Loss(said)) = opened
            && (said.after, said.last) == (loss.after, loss.last)
            && said.beginning == loss.beginning
        {
            return Ok(());
        }
        stand.previous = before(dir, stand, &name)?;
    }
    let content = signer.sign(Some(stand.previous), Said::Loss(loss))?;
    files::write(&path, 0o600, &content)?;
    stand.previous = Hash::of(&content);
    Ok(())
}

/// The hash of the last statement but the one in the file `replaced`.
fn before(dir: &Path, stand: &Stand, replaced: &str) -> Result<Hash, FileError> {
    if { stand.newest.as_ref() }.is_none_or(|(name, _)| name != replaced) {
        return Ok(stand.previous);
    }
    let others = stand.statements.values().rev();
    for name in others.filter(|name| *name != replaced) {
        if let Some(content) = files::read_if_there(&dir.join(name))? {
            return Ok(Hash::of(&content));
        }
    }
    Ok(Hash::of(stand.beginning.as_deref().unwrap_or_default()))
}
