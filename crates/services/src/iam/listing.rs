//! Pages of lists: `Marker`, `MaxItems`, `IsTruncated`.

use super::error::Error;
use crate::cx::Cx;
use crate::paging::Listing;
use crate::tx::Tx;
use base::CommonError;
use std::sync::Arc;
use store::{Query, Record, Value};
use wire::xml::Element;

/// One page of a list.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Where the next page begins; `None` after the last.
    pub(crate) marker: Option<String>,
}

/// Which list, and how much of it.
pub(crate) struct Ask<'a> {
    pub(crate) listing: Listing<'a>,
    pub(crate) marker: Option<&'a str>,
    pub(crate) max_items: Option<i64>,
}

impl Ask<'_> {
    /// How many items a page has: 100 unless told otherwise.
    pub(crate) fn size(&self) -> usize {
        let asked = self.max_items.and_then(|most| usize::try_from(most).ok());
        asked.unwrap_or(DEFAULT_SIZE)
    }

    /// The next records of `query` that `admits` lets through. A page may be short, or empty, and
    /// still not the last: one call looks at a bounded number of records.
    ///
    /// # Errors
    /// [`Error::InvalidMarker`] for a marker that is none of this list's; a failure of the store.
    pub(crate) async fn records<R: Record>(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        query: Query,
        admits: impl Fn(&R) -> bool,
    ) -> Result<Page<Arc<R>>, Error> {
        let mut query = query;
        if let Some(marker) = self.marker {
            let cursor: Vec<String> = self.listing.cursor(cx, marker)?;
            query = query.after(cursor.into_iter().map(Value::Text).collect());
        }
        let mut items = Vec::new();
        let mut examined = 0;
        loop {
            // One more than fits tells whether there is another page.
            let room = self.size() - items.len();
            query = query.with_limit(room + 1);
            let found = tx.query::<R>(&query).await.map_err(CommonError::from)?;
            let is_end = found.len() <= room;
            examined += found.len();
            let Some(last) = found.iter().take(room).next_back() else {
                return Ok(Page::last(items));
            };
            let cursor = query.cursor(last.record.as_ref());
            let taken = found.iter().take(room).map(|one| one.record.clone());
            items.extend(taken.filter(|record| admits(record)));
            if is_end {
                return Ok(Page::last(items));
            }
            if items.len() == self.size() || examined > MOST_EXAMINED {
                let marker = Some(self.listing.token(cx, &texts(&cursor))?);
                return Ok(Page { items, marker });
            }
            query = query.after(cursor);
        }
    }

    /// A page of what is already in memory.
    ///
    /// # Errors
    /// [`Error::InvalidMarker`] for a marker that is none of this list's.
    pub(crate) fn slice<T: Clone>(&self, cx: &Cx<'_>, all: &[T]) -> Result<Page<T>, Error> {
        let start: u64 = match self.marker {
            Some(marker) => self.listing.cursor(cx, marker)?,
            None => 0,
        };
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let items: Vec<T> = all.iter().skip(start).take(self.size()).cloned().collect();
        let next = start.saturating_add(items.len());
        let marker = if next < all.len() {
            let place = u64::try_from(next).unwrap_or(u64::MAX);
            Some(self.listing.token(cx, &place)?)
        } else {
            None
        };
        Ok(Page { items, marker })
    }
}

impl<T> Page<T> {
    fn last(items: Vec<T>) -> Self {
        Self {
            items,
            marker: None,
        }
    }

    /// The list called `name`, and whether it goes on.
    pub(crate) fn write(
        &self,
        element: &mut Element<'_>,
        name: &str,
        write: impl Fn(&T, &mut Element<'_>),
    ) {
        element.list(name, &self.items, |item, element| write(item, element));
        self.write_end(element);
    }

    /// Whether the list goes on, and where.
    pub(crate) fn write_end(&self, element: &mut Element<'_>) {
        element.boolean("IsTruncated", self.marker.is_some());
        element.opt_text("Marker", self.marker.as_deref());
    }
}

/// The names in a place: IAM's keys are all text.
fn texts(cursor: &[Value]) -> Vec<&str> {
    let texts = cursor.iter().filter_map(|value| match value {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

const DEFAULT_SIZE: usize = 100;
/// SECURITY: bounds the work of one call, whatever its filter leaves out.
const MOST_EXAMINED: usize = 1_000;
