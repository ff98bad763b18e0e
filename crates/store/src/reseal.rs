//! Sealing records anew after the sealer took another key.
//!
//! A record keeps its content, columns and revision, so nobody who reads or writes it notices: a
//! transaction that read it commits, and what the cache holds of it stays right. Only its bytes on
//! disk change, and only if its revision is still the one that was read.

use crate::cache::Invalidation;
use crate::engine::{Change, Commit, Row, Write};
use crate::query::Plan;
use crate::{Key, Kind, Query, Store, StoreError, body};
use std::sync::Arc;

/// What became of one page of records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Where the next page begins. `None`: this was the last.
    pub next: Option<Key>,
    /// How many were looked at.
    pub examined: u64,
    /// How many are sealed anew.
    pub sealed: u64,
    /// How many are still to be sealed anew: they changed meanwhile, or are not authentic.
    pub left: u64,
}

impl Store {
    /// Looks at up to `limit` records of `kind` that come after `after`, and seals those anew whose
    /// seal is due. To be called again with [`Resealed::next`].
    pub async fn reseal(
        &self,
        kind: &'static Kind,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Resealed, StoreError> {
        let (rows, next) = self.page(kind, after, limit).await?;
        let mut page = Resealed {
            next,
            examined: rows.len() as u64,
            ..Resealed::default()
        };
        let sealer = self.inner.sealer.as_ref();
        let mut due = Vec::new();
        for row in rows {
            if !sealer.needs_reseal(&row.body) {
                continue;
            }
            match body::renewing(sealer, || body::reseal(sealer, kind, &row)).await {
                Ok(body) => due.push(Row { body, ..row }),
                Err(error @ StoreError::Unavailable(_)) => return Err(error),
                Err(error) => {
                    page.left = page.left.saturating_add(1);
                    let place = self.inner.place(kind, &row.key);
                    self.inner.report_corrupt(&place, &error);
                }
            }
        }
        let (sealed, changed) = self.write_anew(kind, due).await?;
        page.sealed = sealed;
        page.left = page.left.saturating_add(changed);
        Ok(page)
    }

    /// Looks at up to `limit` records of `kind` that come after `after`: counts those whose seal is
    /// due as [`Resealed::left`], and changes none.
    pub async fn count_due(
        &self,
        kind: &'static Kind,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Resealed, StoreError> {
        let (rows, next) = self.page(kind, after, limit).await?;
        let sealer = self.inner.sealer.as_ref();
        let due = rows.iter().filter(|row| sealer.needs_reseal(&row.body));
        Ok(Resealed {
            next,
            left: due.count() as u64,
            examined: rows.len() as u64,
            sealed: 0,
        })
    }

    /// Rows, and where the next page begins.
    async fn page(
        &self,
        kind: &'static Kind,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<(Vec<Row>, Option<Key>), StoreError> {
        self.inner.check_kind(kind)?;
        let mut query = Query::primary(limit);
        if let Some(after) = after {
            query = query.after(after.values().to_vec());
        }
        let plan = Plan::resolve(kind, &query)?;
        let rows = self.inner.engine().query(&plan).await?;
        let last = rows.last().filter(|_| rows.len() == limit);
        let next = last.map(|row| row.key.clone());
        Ok((rows, next))
    }

    /// All rows at once; when one of them changed meanwhile, one by one. Gives how many were
    /// written and how many had changed.
    async fn write_anew(
        &self,
        kind: &'static Kind,
        rows: Vec<Row>,
    ) -> Result<(u64, u64), StoreError> {
        let count = rows.len() as u64;
        match self.write_rows(kind, rows.clone()).await {
            Ok(()) => return Ok((count, 0)),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error),
        }
        let mut changed = 0_u64;
        for row in rows {
            match self.write_rows(kind, vec![row]).await {
                Ok(()) => {}
                Err(StoreError::Conflict) => changed = changed.saturating_add(1),
                Err(error) => return Err(error),
            }
        }
        Ok((count.saturating_sub(changed), changed))
    }

    async fn write_rows(&self, kind: &'static Kind, rows: Vec<Row>) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let writes = rows.into_iter().map(|row| Write {
            kind,
            key: row.key.clone(),
            change: Change::Update { was: row.rev, row },
        });
        // What the cache holds stays right.
        let cache = Arc::clone(&self.inner.cache);
        let commit = Commit {
            reads: Vec::new(),
            writes: writes.collect(),
            counts: Vec::new(),
            outbox: Vec::new(),
            observer: Box::new(Invalidation::new(cache, Vec::new())),
        };
        self.inner.engine().commit(commit).await.map(drop)
    }
}
