//! Queries inside a transaction: chunks of the engine's rows, with the transaction's own writes
//! laid over them.

use super::{Tx, typed};
use crate::cache::Erased;
use crate::engine::Row;
use crate::query::Plan;
use crate::{CodecError, Record, Rev, StoreError, Value, Versioned, body};
use std::sync::Arc;

/// A record of the result and its place in the order. Places are known only when needed.
struct Found {
    place: Vec<Value>,
    record: Erased,
    rev: Rev,
}

impl Tx {
    /// Reads chunk after chunk until `limit` records survive or there are no more rows.
    pub(super) async fn scan<R: Record>(
        &mut self,
        mut plan: Plan,
        limit: usize,
    ) -> Result<Vec<Versioned<R>>, StoreError> {
        let mut found = self.own(&plan);
        let has_own = self.writes.of(R::KIND).next().is_some();
        let mut survivors = 0_usize;
        while survivors < limit {
            plan.limit = limit.saturating_sub(survivors).min(CHUNK_ROWS);
            let rows = self.inner.engine().query(&plan).await?;
            let seen = rows.iter().map(|row| (row.key.clone(), row.rev)).collect();
            self.scans.push((plan.clone(), seen));
            for row in &rows {
                if let Some((record, rev)) = self.admit::<R>(row).await? {
                    let place = has_own.then(|| placed(&plan, row)).flatten();
                    let place = place.unwrap_or_default();
                    found.push(Found { place, record, rev });
                    survivors = survivors.saturating_add(1);
                }
            }
            let cursor = rows.last().and_then(|row| placed(&plan, row));
            let (true, Some(cursor)) = (rows.len() == plan.limit, cursor) else {
                break;
            };
            plan.continue_after(Some(cursor.into_iter().skip(plan.equals.len()).collect()));
            if survivors < limit {
                tokio::task::yield_now().await;
            }
        }
        if has_own {
            found.sort_by(|a, b| plan.compare(&a.place, &b.place));
        }
        found.truncate(limit);
        found
            .into_iter()
            .filter_map(|found| typed(Some((found.record, found.rev))).transpose())
            .collect()
    }

    /// The transaction's own records that `plan` admits.
    fn own(&self, plan: &Plan) -> Vec<Found> {
        self.writes
            .of(plan.kind)
            .filter_map(|written| {
                let draft = written.now.as_ref()?;
                let place = plan.place(written.place.key.values(), &draft.columns)?;
                plan.admits(&place).then(|| Found {
                    place: place.into_iter().cloned().collect(),
                    record: Arc::clone(&draft.record),
                    rev: draft.rev,
                })
            })
            .collect()
    }

    /// The record of `row`; `None` when the transaction changed it or it is not authentic.
    async fn admit<R: Record>(&self, row: &Row) -> Result<Option<(Erased, Rev)>, StoreError> {
        let place = self.inner.place(R::KIND, &row.key);
        if self.writes.at(&place).is_some() {
            return Ok(None);
        }
        let cached = R::KIND
            .cached
            .then(|| self.inner.cache.peek(&place))
            .flatten();
        if let Some((record, rev)) = cached.and_then(|entry| entry.found)
            && rev == row.rev
            && let Some(known) = record.downcast_ref::<R>()
        {
            // What was opened at this revision before need not be opened again.
            if known.columns() == row.columns {
                return Ok(Some((record, rev)));
            }
            self.inner
                .report_corrupt(&place, &StoreError::Corrupt { kind: R::KIND.name });
            return Ok(None);
        }
        let sealer = self.inner.sealer.as_ref();
        match body::renewing(sealer, || body::open::<R>(sealer, row)).await {
            Ok(record) => Ok(Some((Arc::new(record), row.rev))),
            Err(
                error @ (StoreError::Corrupt { .. }
                | StoreError::Codec {
                    source: CodecError::NotDecodable,
                    ..
                }),
            ) => {
                self.inner.report_corrupt(&place, &error);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

fn placed(plan: &Plan, row: &Row) -> Option<Vec<Value>> {
    let place = plan.place(row.key.values(), &row.columns)?;
    Some(place.into_iter().cloned().collect())
}

/// So many rows are read at once; between chunks other tasks of the thread have their turn.
const CHUNK_ROWS: usize = 256;
