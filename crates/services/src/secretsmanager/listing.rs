//! Which secrets a list shows: filters, order and pages over ordered indexes.
//!
//! One call examines a bounded number of secrets. When the filters accept few of them the page is
//! short, perhaps empty, and still has a token; AWS answers so too (behaviour reference §11.1).

use super::error::Error;
use super::filters::{Filter, FilterKey, Seen};
use super::model::Secret;
use super::records::{BY_ACCESSED, BY_CHANGED, BY_CREATED};
use super::shapes::{FILTER_KEY, FILTER_VALUES};
use crate::cx::Cx;
use crate::paging::Listing;
use crate::tx::Tx;
use base::CommonError;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Index, Query, Value};

wire::input! {
    /// A filter as a request gives it.
    pub(crate) struct FilterInput {
        /// What to look at.
        pub(crate) key: Option<String> = audited "Key" FILTER_KEY,
        /// What to look for: any of these.
        pub(crate) values: Option<Vec<String>> = audited "Values" FILTER_VALUES,
    }
}

/// What to list, and in what order.
pub(crate) struct Selection {
    filters: Vec<Filter>,
    index: &'static str,
    descending: bool,
    include_deleted: bool,
    /// The filters as text, to bind paging tokens to them.
    question: Vec<String>,
}

/// One page.
pub(crate) struct Page {
    pub(crate) secrets: Vec<Arc<Secret>>,
    pub(crate) next: Option<String>,
}

/// A value of a cursor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Place {
    Int(i64),
    Text(String),
}

impl Selection {
    /// Secrets that pass `filters`, in the order in which they were created.
    ///
    /// # Errors
    /// When a filter lacks its key or values.
    pub(crate) fn new(filters: &[FilterInput]) -> Result<Self, Error> {
        let mut parsed = Vec::with_capacity(filters.len());
        let mut question = Vec::new();
        for filter in filters {
            let name = filter.key.as_deref().ok_or(Error::FilterWithoutKey)?;
            let key = FilterKey::parse(name).ok_or(Error::FilterWithoutKey)?;
            let values = filter.values.as_deref().unwrap_or_default();
            if values.is_empty() {
                return Err(Error::FilterWithoutValues(name.to_owned()));
            }
            parsed.push(Filter::new(key, values));
            question.push(format!("{name}={}", values.join("\u{0}")));
        }
        Ok(Self {
            filters: parsed,
            index: BY_CREATED,
            descending: false,
            include_deleted: false,
            question,
        })
    }

    /// Shows secrets that are scheduled for deletion too.
    pub(crate) fn including_deleted(mut self, include: bool) -> Self {
        self.include_deleted = include;
        self
    }

    /// Orders by one of the API's `SortBy`.
    pub(crate) fn sorted_by(mut self, sort_by: Option<&str>, descending: bool) -> Self {
        self.descending = descending;
        self.index = match sort_by {
            Some("name") => Index::PRIMARY,
            Some("last-accessed-date") => BY_ACCESSED,
            Some("last-changed-date") => BY_CHANGED,
            _ => BY_CREATED,
        };
        self
    }

    /// The page of at most `size` secrets after `token`.
    ///
    /// # Errors
    /// [`Error::InvalidNextToken`].
    pub(crate) async fn page(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        operation: &'static str,
        size: usize,
        token: Option<&str>,
    ) -> Result<Page, Error> {
        let mut question: Vec<&[u8]> = self.question.iter().map(String::as_bytes).collect();
        let order = format!(
            "{} {} {}",
            self.index, self.descending, self.include_deleted
        );
        question.push(order.as_bytes());
        let listing = Listing {
            operation,
            question: &question,
        };
        let after = match token {
            Some(token) => Some(listing.cursor::<Vec<Place>>(cx, token)?),
            None => None,
        };
        let (secrets, next) = match self.narrowed(cx, tx).await? {
            Some(candidates) => self.choose(cx, candidates, size, after),
            None => self.walk(cx, tx, size, after).await?,
        };
        let next = next.map(|place| listing.token(cx, &place)).transpose()?;
        Ok(Page { secrets, next })
    }

    /// Whether `secret` is listed. Gives also what the look at it cost.
    fn accepts(&self, secret: &Secret) -> (bool, usize) {
        let seen = Seen::new(secret);
        let is_listed = (self.include_deleted || !secret.is_scheduled_for_deletion())
            && self.filters.iter().all(|filter| filter.accepts(&seen));
        (is_listed, LOOK.saturating_add(seen.size_bytes()))
    }

    /// The query that reads all secrets in order.
    fn query(&self, cx: &Cx<'_>, limit: usize) -> Query {
        let query = Query::on(self.index, limit)
            .equal(cx.account())
            .equal(cx.region);
        if self.descending {
            query.descending()
        } else {
            query
        }
    }

    /// Reads along the index until the page is full or enough was examined.
    async fn walk(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        size: usize,
        after: Option<Vec<Place>>,
    ) -> Result<(Vec<Arc<Secret>>, Option<Vec<Place>>), Error> {
        let mut secrets = Vec::with_capacity(size);
        let mut cost = 0;
        let mut after = after;
        let limit = if self.filters.is_empty() {
            size.saturating_add(1)
        } else {
            STRIDE
        };
        while cost < MOST_COST {
            let mut query = self.query(cx, limit);
            if let Some(place) = &after {
                query = query.after(place.iter().map(Value::from).collect());
            }
            let run = tx
                .query::<Secret>(&query)
                .await
                .map_err(CommonError::from)?;
            let is_last = run.len() < limit;
            for found in run {
                if secrets.len() == size || cost >= MOST_COST {
                    return Ok((secrets, after));
                }
                after = Some(places(query.cursor(found.record.as_ref())));
                let (is_listed, look) = self.accepts(&found.record);
                cost = cost.saturating_add(look);
                if is_listed {
                    secrets.push(found.record);
                }
            }
            if is_last {
                return Ok((secrets, None));
            }
            // Others are waiting on this thread.
            tokio::task::yield_now().await;
        }
        Ok((secrets, after))
    }

    /// What is listed under the name prefix that the filters ask for, when few have it.
    async fn narrowed(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
    ) -> Result<Option<Vec<Arc<Secret>>>, Error> {
        let Some(prefix) = self.filters.iter().find_map(Filter::name_prefix) else {
            return Ok(None);
        };
        let query = Query::primary(FEW)
            .equal(cx.account())
            .equal(cx.region)
            .starting_with(prefix);
        let run = tx
            .query::<Secret>(&query)
            .await
            .map_err(CommonError::from)?;
        if run.len() == FEW {
            return Ok(None);
        }
        let mut listed = Vec::new();
        for (number, found) in run.into_iter().enumerate() {
            if number % STRIDE == STRIDE - 1 {
                // Others are waiting on this thread.
                tokio::task::yield_now().await;
            }
            if self.accepts(&found.record).0 {
                listed.push(found.record);
            }
        }
        Ok(Some(listed))
    }

    /// Orders and cuts what is listed in memory, to the same pages that a walk would give.
    fn choose(
        &self,
        cx: &Cx<'_>,
        candidates: Vec<Arc<Secret>>,
        size: usize,
        after: Option<Vec<Place>>,
    ) -> (Vec<Arc<Secret>>, Option<Vec<Place>>) {
        let query = self.query(cx, size);
        let mut placed: Vec<(Vec<Place>, Arc<Secret>)> = candidates
            .into_iter()
            .map(|secret| (places(query.cursor(secret.as_ref())), secret))
            .collect();
        placed.sort_by(|(a, _), (b, _)| if self.descending { b.cmp(a) } else { a.cmp(b) });
        let comes_after = |place: &Vec<Place>| match &after {
            None => true,
            Some(after) if self.descending => place < after,
            Some(after) => place > after,
        };
        placed.retain(|(place, _)| comes_after(place));
        let has_more = placed.len() > size;
        placed.truncate(size);
        let next = placed
            .last()
            .filter(|_| has_more)
            .map(|(place, _)| place.clone());
        (placed.into_iter().map(|(_, secret)| secret).collect(), next)
    }
}

fn places(cursor: Vec<Value>) -> Vec<Place> {
    let place = |value| match value {
        Value::Int(number) => Place::Int(number),
        Value::Text(text) => Place::Text(text.into()),
        // No column of these indexes is ever absent.
        Value::Null => Place::Int(i64::MIN),
    };
    cursor.into_iter().map(place).collect()
}

impl From<&Place> for Value {
    fn from(place: &Place) -> Self {
        match place {
            Place::Int(number) => Self::Int(*number),
            Place::Text(text) => Self::Text(text.into()),
        }
    }
}

/// What looking at a secret costs beside its text, in bytes of text.
const LOOK: usize = 1_024;
/// What one call may spend on looking at secrets: about a thousand small ones, or fifty of the
/// largest.
const MOST_COST: usize = 1 << 20;
/// Secrets that one query reads when filters may reject them.
const STRIDE: usize = 100;
/// So few candidates are filtered and put in order in memory.
const FEW: usize = 1_000;
