//! Which keys are believed, and from where on: those that were given, those that they name after them, and
//! those before.
//!
//! Rules kept here:
//! - forwards: a key that is believed names the one that replaces it, and signs that;
//! - backwards: a key that is believed stands for every statement before its own, by its hash, and so for the
//!   one that names it; what that says of the key before is believed, too. So the newest key is enough to
//!   verify the log from its beginning on, whoever has the keys before by now;
//! - a key that was replaced is believed of what is before that.

use super::files::Files;
use super::report::KeyChanged;
use super::{Verification, VerifyError, files};
use crate::hash::Hash;
use crate::keys::PublicKeys;
use crate::statement::{KeyChange, Said, Statement};
use crate::walk::Trouble;

/// The keys that are believed of the log in `files`, whose head has the content `head`, if `given` are.
pub(super) fn followed(
    files: &Files,
    head: Option<&[u8]>,
    given: &PublicKeys,
) -> Result<PublicKeys, VerifyError> {
    let mut keys = given.clone();
    for first in files.key_changes() {
        let content = files.content(&files.key(first))?.unwrap_or_default();
        if let Some(change) = believed(&content, first, &keys) {
            believe(&mut keys, change);
        }
    }
    for first in files.key_changes().rev() {
        let content = files.content(&files.key(first))?.unwrap_or_default();
        let Some(change) = named(&content, first) else {
            continue;
        };
        if keys.may_sign(&change.next.id(), first)
            && is_vouched_for(files, head, (first, Hash::of(&content)), &keys)?
        {
            let mut trial = keys.clone();
            trial.add(change.replaced.clone());
            if believed(&content, first, &trial).is_some() {
                believe(&mut keys, change);
            }
        }
    }
    Ok(keys)
}

fn believe(keys: &mut PublicKeys, change: KeyChange) {
    let first = change.first();
    keys.add_replaced(change.replaced, first);
    keys.add(change.next);
}

/// What the statement with this content says, if the key that it replaces is believed and signed it.
fn believed(content: &[u8], first: u64, keys: &PublicKeys) -> Option<KeyChange> {
    let change = named(content, first)?;
    let opened = Statement::open(content, keys).ok()?;
    let opened = opened.of_event(change.after.sequence, keys).ok()?;
    (*opened.statement.key_id() == change.replaced.id()).then_some(change)
}

/// The same, whoever signed it.
fn named(content: &[u8], first: u64) -> Option<KeyChange> {
    let opened = Statement::peek(content).ok()?;
    match opened.statement.said {
        Said::Key(change) if change.first() == first && change.replaced != change.next => {
            Some(change)
        }
        _ => None,
    }
}

/// Whether the statement that follows the one of the hash `hash` names it, and is one of `keys`.
fn is_vouched_for(
    files: &Files,
    head: Option<&[u8]>,
    (first, hash): (u64, Hash),
    keys: &PublicKeys,
) -> Result<bool, VerifyError> {
    let loss = files.content(&files.loss(first))?;
    let digest = files.content(&files.digest(first))?;
    let following = [loss.as_deref(), digest.as_deref(), head];
    Ok(following.into_iter().flatten().any(|content| {
        let opened = Statement::open(content, keys);
        let opened = opened.and_then(|opened| opened.of_event(first, keys));
        opened.is_ok_and(|opened| opened.statement.previous == Some(hash))
    }))
}

impl Verification<'_> {
    pub(super) fn take_key(&mut self, first: u64) -> Result<(), VerifyError> {
        let path = self.files.key(first);
        let name = files::shown(&path);
        let Some(content) = self.files.content(&path)? else {
            return Ok(());
        };
        let Some(opened) = self.open(&name, &content) else {
            self.previous = None;
            return Ok(());
        };
        self.connect(&name, &opened);
        let Some(change) = believed(&content, first, self.keys) else {
            self.report.problem(&name, None, Trouble::Misplaced);
            return Ok(());
        };
        if self.begins_in_place(&name, first, Some(change.after.hash)) {
            self.expected = Some(change.after);
        }
        self.note_head(change.after);
        self.report.key_changes.push(KeyChanged {
            first,
            replaced: change.replaced.id(),
            next: change.next.id(),
            time: opened.statement.time,
        });
        Ok(())
    }
}
