//! What a transaction will write: at most one change per row, whatever happened on the way.

use super::by_place::{ByPlace, Placed};
use crate::cache::{Entry, Erased};
use crate::engine::{Change, Read, Row, Write};
use crate::place::Place;
use crate::store::Inner;
use crate::{CodecError, Kind, Record, Rev, StoreError, Value, body};
use base::Plaintext;
use std::sync::Arc;

/// The writes kept back, and the first mistake made with them, which the commit will report.
#[derive(Default)]
pub(super) struct Writes {
    pending: ByPlace<Written>,
    refusal: Option<StoreError>,
}

/// One row that the transaction changes.
pub(super) struct Written {
    pub(super) place: Place,
    /// The revision that the row has before the transaction; `None` when there is no row.
    base: Option<Rev>,
    /// What the row will hold; `None` when it will be gone.
    pub(super) now: Option<Draft>,
}

/// A record to be stored.
pub(super) struct Draft {
    pub(super) record: Erased,
    pub(super) rev: Rev,
    pub(super) columns: Vec<Value>,
    body: Result<Plaintext, CodecError>,
    weight: usize,
}

/// The writes as the engine and the cache take them.
#[derive(Default)]
pub(super) struct SealedWrites {
    pub(super) writes: Vec<Write>,
    pub(super) entries: Vec<(Place, Entry)>,
    /// Rows made and removed again: nothing is written, but there must be none.
    pub(super) absent: Vec<Read>,
}

impl Writes {
    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty() && self.refusal.is_none()
    }

    /// What the transaction itself put at `place`, if it wrote there.
    pub(super) fn at(&self, place: &Place) -> Option<Option<(Erased, Rev)>> {
        let written = self.pending.get(place)?;
        let draft = written.now.as_ref();
        Some(draft.map(|draft| (Arc::clone(&draft.record), draft.rev)))
    }

    /// What the write at `place`, if there is one, expects of the row: a revision or no row.
    pub(super) fn expects(&self, place: &Place) -> Option<Option<Rev>> {
        Some(self.pending.get(place)?.base)
    }

    /// The rows of `kind` that are written.
    pub(super) fn of<'a>(&'a self, kind: &'static Kind) -> impl Iterator<Item = &'a Written> {
        let of_kind = |written: &&Written| written.place.kind.name == kind.name;
        self.pending.iter().filter(of_kind)
    }

    pub(super) fn insert<R: Record>(&mut self, place: Place, record: R, rev: Rev) {
        let draft = self.draft(&place, record, rev);
        match self.find(&place) {
            None => self.push(place, None, Some(draft)),
            Some(written) if written.now.is_none() => written.now = Some(draft),
            Some(_) => self.refuse(StoreError::Conflict),
        }
    }

    pub(super) fn update<R: Record>(&mut self, place: Place, record: R, rev: Rev) {
        let draft = self.draft(&place, record, rev.next());
        match self.find(&place) {
            None => self.push(place, Some(rev), Some(draft)),
            Some(written) if written.holds(rev) => written.now = Some(draft),
            Some(_) => self.refuse(StoreError::Conflict),
        }
    }

    pub(super) fn delete(&mut self, place: Place, rev: Rev) {
        match self.find(&place) {
            None => self.push(place, Some(rev), None),
            Some(written) if written.holds(rev) => written.now = None,
            Some(_) => self.refuse(StoreError::Conflict),
        }
    }

    /// Seals every body. Errors with the first mistake.
    pub(super) fn seal(self, inner: &Inner) -> Result<SealedWrites, StoreError> {
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        let mut sealed = SealedWrites::default();
        for written in self.pending {
            inner.check_kind(written.place.kind)?;
            written.seal(inner, &mut sealed)?;
        }
        Ok(sealed)
    }

    fn find(&mut self, place: &Place) -> Option<&mut Written> {
        self.pending.get_mut(place)
    }

    fn push(&mut self, place: Place, base: Option<Rev>, now: Option<Draft>) {
        if !place.kind.fits_key(place.key.values()) {
            self.refuse(StoreError::Misuse {
                kind: place.kind.name,
                problem: "the key is not of the kind's key columns",
            });
        }
        self.pending.push(Written { place, base, now });
    }

    fn draft<R: Record>(&mut self, place: &Place, record: R, rev: Rev) -> Draft {
        let columns = record.columns();
        if !place.kind.fits_columns(&columns) {
            self.refuse(StoreError::Misuse {
                kind: place.kind.name,
                problem: "the columns are not those of the kind",
            });
        }
        Draft {
            body: body::encode(&record),
            weight: record.weight(),
            record: Arc::new(record),
            columns,
            rev,
        }
    }

    fn refuse(&mut self, refusal: StoreError) {
        self.refusal.get_or_insert(refusal);
    }
}

impl Placed for Written {
    fn place(&self) -> &Place {
        &self.place
    }
}

impl Written {
    fn holds(&self, rev: Rev) -> bool {
        self.now.as_ref().is_some_and(|draft| draft.rev == rev)
    }

    fn seal(self, inner: &Inner, into: &mut SealedWrites) -> Result<(), StoreError> {
        let Self { place, base, now } = self;
        let (kind, key) = (place.kind, place.key.clone());
        let (entry, change) = match (base, now) {
            (None, None) => {
                let rev = None;
                into.absent.push(Read::Row { kind, key, rev });
                return Ok(());
            }
            (Some(was), None) => (Entry::new(&place, None, 0), Change::Delete { was }),
            (base, Some(draft)) => {
                let (entry, row) = draft.seal(inner, &place)?;
                let change = match base {
                    None => Change::Insert { row },
                    Some(was) => Change::Update { row, was },
                };
                (entry, change)
            }
        };
        into.writes.push(Write { kind, key, change });
        if kind.cached {
            into.entries.push((place, entry));
        }
        Ok(())
    }
}

impl Draft {
    fn seal(self, inner: &Inner, place: &Place) -> Result<(Entry, Row), StoreError> {
        let kind = place.kind;
        let body = self.body.map_err(|source| StoreError::Codec {
            kind: kind.name,
            source,
        })?;
        let row = Row {
            body: body::seal(inner.sealer.as_ref(), kind, &place.key, self.rev, &body)?,
            key: place.key.clone(),
            rev: self.rev,
            columns: self.columns,
        };
        let entry = Entry::new(place, Some((self.record, self.rev)), self.weight);
        Ok((entry, row))
    }
}
