use crate::{Kind, Record, StoreError, Value};
use std::cmp::Ordering;
use std::ops::Bound;

/// Which records to read, and in what order: one run of one index.
///
/// The order is the index's columns followed by the key columns it does not name. `equals` fixes
/// the first of them, a range may bound the next, and `after` continues a page.
#[derive(Clone, Debug)]
pub struct Query {
    index: &'static str,
    equals: Vec<Value>,
    from: Bound<Value>,
    to: Bound<Value>,
    descending: bool,
    after: Option<Vec<Value>>,
    limit: usize,
}

impl Query {
    /// At most `limit` records in the order of the index named `index`.
    pub fn on(index: &'static str, limit: usize) -> Self {
        Self {
            index,
            equals: Vec::new(),
            from: Bound::Unbounded,
            to: Bound::Unbounded,
            descending: false,
            after: None,
            limit,
        }
    }

    /// At most `limit` records in the order of the key.
    pub fn primary(limit: usize) -> Self {
        Self::on(crate::Index::PRIMARY, limit)
    }

    /// Only records whose next column of the order equals `value`. Call it once per column.
    #[must_use]
    pub fn equal(mut self, value: impl Into<Value>) -> Self {
        self.equals.push(value.into());
        self
    }

    /// Only records whose column after the equal ones is at or beyond the lower `bound`.
    #[must_use]
    pub fn from(mut self, bound: Bound<impl Into<Value>>) -> Self {
        self.from = bound.map(Into::into);
        self
    }

    /// Only records whose column after the equal ones is at or below the upper `bound`.
    #[must_use]
    pub fn to(mut self, bound: Bound<impl Into<Value>>) -> Self {
        self.to = bound.map(Into::into);
        self
    }

    /// Only records whose text column after the equal ones begins with `prefix`.
    #[must_use]
    pub fn starting_with(self, prefix: &str) -> Self {
        let to = end_of_prefix(prefix).map_or(Bound::Unbounded, Bound::Excluded);
        self.from(Bound::Included(prefix)).to(to)
    }

    /// From the last to the first.
    #[must_use]
    pub fn descending(mut self) -> Self {
        self.descending = true;
        self
    }

    /// Only records that come after the one that `cursor` was taken from with [`Query::cursor`].
    #[must_use]
    pub fn after(mut self, cursor: Vec<Value>) -> Self {
        self.after = Some(cursor);
        self
    }

    /// The same query for at most `limit` records.
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// The place of `record` in this query's order: the values of all columns after the equal
    /// ones. Empty when the index is not declared or does not hold the record.
    pub fn cursor<R: Record>(&self, record: &R) -> Vec<Value> {
        let key = record.key();
        let columns = record.columns();
        R::KIND
            .order_of(self.index)
            .and_then(|order| pick(&order, key.values(), &columns))
            .map(|tuple| tuple.into_iter().skip(self.equals.len()).cloned().collect())
            .unwrap_or_default()
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }
}

/// A query checked against its kind, ready for an engine.
///
/// INVARIANT: values have their columns' types; at most one of `after` and the bound on the side
/// that the order starts from is left, so an engine starts at the right row of its index and never
/// walks over the pages before.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) kind: &'static Kind,
    /// Positions among all columns of the kind.
    pub(crate) order: Vec<usize>,
    pub(crate) equals: Vec<Value>,
    pub(crate) from: Bound<Value>,
    pub(crate) to: Bound<Value>,
    pub(crate) descending: bool,
    pub(crate) after: Option<Vec<Value>>,
    pub(crate) limit: usize,
}

impl Plan {
    pub(crate) fn resolve(kind: &'static Kind, query: &Query) -> Result<Self, StoreError> {
        let refuse = |problem| StoreError::Misuse {
            kind: kind.name,
            problem,
        };
        let order = kind
            .order_of(query.index)
            .ok_or_else(|| refuse("the query names an index that is not declared"))?;
        let types: Vec<_> = order
            .iter()
            .filter_map(|position| kind.all_columns().nth(*position))
            .map(|column| column.ty)
            .collect();
        let fits = |start: usize, values: &[Value]| {
            let types = types.get(start..).unwrap_or_default();
            values.len() <= types.len() && types.iter().zip(values).all(|(ty, v)| ty.fits(v))
        };
        let next = query.equals.len();
        let range = [&query.from, &query.to];
        let mut bounds = range.into_iter().filter_map(value_of);
        if !fits(0, &query.equals) || !bounds.all(|v| fits(next, std::slice::from_ref(v))) {
            return Err(refuse("the query's values are not of the index's columns"));
        }
        if let Some(after) = &query.after
            && (after.is_empty() || next + after.len() != order.len() || !fits(next, after))
        {
            return Err(refuse("the cursor does not belong to the query"));
        }
        let mut plan = Self {
            kind,
            order,
            equals: query.equals.clone(),
            from: query.from.clone(),
            to: query.to.clone(),
            descending: query.descending,
            after: None,
            limit: query.limit,
        };
        plan.continue_after(query.after.clone());
        Ok(plan)
    }

    /// Starts after `cursor`, dropping whichever of it and the starting bound the other implies.
    pub(crate) fn continue_after(&mut self, cursor: Option<Vec<Value>>) {
        let Some(first) = cursor.as_ref().and_then(|cursor| cursor.first()) else {
            return;
        };
        let implied = if self.descending {
            within(first, &Bound::Unbounded, &self.to)
        } else {
            within(first, &self.from, &Bound::Unbounded)
        };
        if !implied {
            return;
        }
        if self.descending {
            self.to = Bound::Unbounded;
        } else {
            self.from = Bound::Unbounded;
        }
        self.after = cursor;
    }

    /// The place of a row in the plan's order; `None` when the index does not hold it.
    pub(crate) fn place<'a>(
        &self,
        key: &'a [Value],
        columns: &'a [Value],
    ) -> Option<Vec<&'a Value>> {
        pick(&self.order, key, columns)
    }

    /// Whether a row at `place` belongs to the result, the limit aside.
    pub(crate) fn admits(&self, place: &[&Value]) -> bool {
        let (fixed, rest) = place.split_at(self.equals.len().min(place.len()));
        let in_range = rest
            .first()
            .is_none_or(|next| within(next, &self.from, &self.to));
        let is_after = self.after.as_ref().is_none_or(|after| {
            self.compare(rest, &after.iter().collect::<Vec<_>>())
                .is_gt()
        });
        fixed.iter().copied().eq(&self.equals) && in_range && is_after
    }

    /// Which of two places the plan reads first.
    pub(crate) fn compare<V: Ord>(&self, a: &[V], b: &[V]) -> Ordering {
        if self.descending { b.cmp(a) } else { a.cmp(b) }
    }
}

fn pick<'a>(order: &[usize], key: &'a [Value], columns: &'a [Value]) -> Option<Vec<&'a Value>> {
    order
        .iter()
        .map(|position| {
            key.get(*position)
                .or_else(|| columns.get(position.checked_sub(key.len())?))
                .filter(|value| **value != Value::Null)
        })
        .collect()
}

fn within(value: &Value, from: &Bound<Value>, to: &Bound<Value>) -> bool {
    let above = match from {
        Bound::Included(bound) => value >= bound,
        Bound::Excluded(bound) => value > bound,
        Bound::Unbounded => true,
    };
    let below = match to {
        Bound::Included(bound) => value <= bound,
        Bound::Excluded(bound) => value < bound,
        Bound::Unbounded => true,
    };
    above && below
}

pub(crate) fn value_of(bound: &Bound<Value>) -> Option<&Value> {
    match bound {
        Bound::Included(value) | Bound::Excluded(value) => Some(value),
        Bound::Unbounded => None,
    }
}

/// The first text after all those that begin with `prefix`; `None` when there is none.
fn end_of_prefix(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // The next scalar value; stepping over the surrogates, which are none.
        let next =
            (u32::from(last).saturating_add(1)..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            end.push(next);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests;
