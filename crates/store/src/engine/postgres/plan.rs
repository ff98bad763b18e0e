//! What a transaction does, as statements, and what their answers must be for it to be committed.

use super::changes;
use super::session::{Answer, Step};
use super::trouble::Trouble;
use super::value::{Param, int_of, key_and_rev, rev_of};
use crate::engine::sql::{self, Dialect, Give, Registry};
use crate::engine::{Change, Commit, Count, Read, Row, Write};
use crate::{Key, Kind, Rev, StoreError};
use tokio_postgres::Error;

/// A transaction's statements, built once and run as often as it takes.
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    checks: Vec<Check>,
    /// The counters it counts, in the order of their names.
    pub(super) counters: Vec<String>,
    /// The places it writes, as the change log has them.
    pub(super) changes: Vec<u8>,
}

/// What the answer to a statement must be.
enum Check {
    /// One row with this revision, or none.
    Rev(Option<Rev>),
    /// These rows.
    Seen(&'static Kind, Vec<(Key, Rev)>),
    /// One row was changed.
    Changed,
    /// The counter may have the value that it has now.
    Counted(Count),
    /// The number of an outbox entry.
    Numbered,
}

impl Plan {
    pub(super) fn of(registry: &Registry, node: &str, commit: Commit) -> Result<Self, StoreError> {
        let mut plan = Self::empty();
        plan.changes = changes::encoded(&commit.writes);
        for read in commit.reads {
            plan.read(registry, read)?;
        }
        for write in commit.writes {
            plan.write(registry, write)?;
        }
        for count in commit.counts {
            plan.count(count);
        }
        for body in commit.outbox {
            let params = vec![Param::Text(node.to_owned()), Param::Bytes(body)];
            plan.add(Step::rows(PUSH, params), Check::Numbered);
        }
        plan.counters.sort_unstable();
        Ok(plan)
    }

    /// Sets a meta value when it is `expected` now.
    pub(super) fn of_meta(name: &str, expected: Option<&[u8]>, value: &[u8]) -> Self {
        let mut plan = Self::empty();
        let mut params = vec![Param::Text(name.to_owned()), Param::Bytes(value.to_vec())];
        let text = match expected {
            None => "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            Some(expected) => {
                params.push(Param::Bytes(expected.to_vec()));
                "UPDATE meta SET value = $2 WHERE name = $1 AND value = $3"
            }
        };
        plan.add(Step::count(text, params), Check::Changed);
        plan
    }

    fn empty() -> Self {
        Self {
            steps: Vec::new(),
            checks: Vec::new(),
            counters: Vec::new(),
            changes: Vec::new(),
        }
    }

    fn add(&mut self, step: Step, check: Check) {
        self.steps.push(step);
        self.checks.push(check);
    }

    fn read(&mut self, registry: &Registry, read: Read) -> Result<(), StoreError> {
        match read {
            Read::Row { kind, key, rev } => {
                let text = registry.of(kind)?.rev.clone();
                self.add(Step::rows(text, key_of(&key).collect()), Check::Rev(rev));
            }
            Read::Query { plan, seen } => {
                let step = query(&plan, Give::Revs);
                self.add(step, Check::Seen(plan.kind, seen));
            }
        }
        Ok(())
    }

    fn write(&mut self, registry: &Registry, write: Write) -> Result<(), StoreError> {
        let statements = registry.of(write.kind)?;
        let keys = key_of(&write.key);
        let step = match write.change {
            Change::Insert { row } => Step::count(
                statements.insert.as_str(),
                keys.chain(settings(row)).collect(),
            ),
            Change::Update { row, was } => {
                let params = settings(row).chain(keys).chain([Param::Int(was.0)]);
                Step::count(statements.update.as_str(), params.collect())
            }
            Change::Delete { was } => Step::count(
                statements.delete.as_str(),
                keys.chain([Param::Int(was.0)]).collect(),
            ),
        };
        self.add(step, Check::Changed);
        Ok(())
    }

    fn count(&mut self, count: Count) {
        let params = vec![Param::Text(count.name.clone()), Param::Int(count.delta)];
        self.counters.push(count.name.clone());
        self.add(Step::rows(ADD, params), Check::Counted(count));
    }

    /// The numbers of the outbox entries, when every answer is as it must be.
    pub(super) fn judge(&self, answers: &[Result<Answer, Error>]) -> Result<Vec<u64>, Trouble> {
        let mut numbers = Vec::new();
        for (check, answer) in self.checks.iter().zip(answers) {
            match answer {
                Ok(answer) => check.judge(answer, &mut numbers)?,
                Err(error) => return Err(check.blame(Trouble::of(error))),
            }
        }
        if answers.len() < self.checks.len() {
            return Err(Trouble::Lost(String::from("an answer is missing")));
        }
        Ok(numbers)
    }
}

impl Check {
    fn judge(&self, answer: &Answer, numbers: &mut Vec<u64>) -> Result<(), Trouble> {
        let first = answer.rows().first();
        let holds = match self {
            Self::Rev(rev) => first.map(|row| rev_of(row, 0)) == *rev,
            Self::Seen(kind, seen) => {
                let rows = answer.rows().iter().map(|row| key_and_rev(kind, row));
                rows.eq(seen.iter().cloned())
            }
            Self::Changed => matches!(answer, Answer::Count(1)),
            Self::Counted(count) => {
                let value = first.and_then(|row| int_of(row, 0)).unwrap_or(i64::MAX);
                return count.allows(value).map_err(Trouble::Refused);
            }
            Self::Numbered => {
                let number = first.and_then(|row| int_of(row, 0));
                numbers.extend(number.map(i64::unsigned_abs));
                number.is_some()
            }
        };
        if holds {
            Ok(())
        } else {
            Err(Trouble::Refused(StoreError::Conflict))
        }
    }

    fn blame(&self, trouble: Trouble) -> Trouble {
        match (self, trouble) {
            (Self::Counted(count), Trouble::Overflow) => Trouble::Refused(count.limit_reached()),
            (_, trouble) => trouble,
        }
    }
}

/// The statement of a query.
pub(super) fn query(plan: &crate::query::Plan, give: Give) -> Step {
    let (text, values) = sql::select(Dialect::Postgres, plan, give);
    let limit = i64::try_from(plan.limit).unwrap_or(i64::MAX);
    let values = values.into_iter().cloned().map(Param::Value);
    Step::rows(text, values.chain([Param::Int(limit)]).collect())
}

pub(super) fn key_of(key: &Key) -> impl Iterator<Item = Param> + '_ {
    key.values().iter().cloned().map(Param::Value)
}

/// Revision, columns and body, as the statements have them after or before the key.
fn settings(row: Row) -> impl Iterator<Item = Param> {
    let columns = row.columns.into_iter().map(Param::Value);
    [Param::Int(row.rev.0)]
        .into_iter()
        .chain(columns)
        .chain([Param::Bytes(row.body)])
}

/// The value is judged when it is known; a limit that is passed undoes the transaction.
const ADD: &str = "INSERT INTO counter AS c (name, value) VALUES ($1, $2) \
    ON CONFLICT (name) DO UPDATE SET value = c.value + excluded.value RETURNING value";
const PUSH: &str = "INSERT INTO audit_outbox (node, body) VALUES ($1, $2) RETURNING seq";
