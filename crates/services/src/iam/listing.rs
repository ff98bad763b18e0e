//! Pages of lists: `Marker`, `MaxItems`, `IsTruncated`. A list may go through several kinds of
//! records, one after the other.

use super::error::Error;
use crate::cx::Cx;
use crate::paging::Listing;
use crate::tx::Tx;
use base::CommonError;
use serde::{Deserialize, Serialize};
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
        let mut walk = Walk::begin(cx, self)?;
        let items = walk.records(tx, ONLY_SECTION, &query, admits).await?;
        let marker = walk.end(cx, self)?;
        Ok(Page { items, marker })
    }

    /// A page of what is already in memory.
    ///
    /// # Errors
    /// [`Error::InvalidMarker`] for a marker that is none of this list's.
    pub(crate) fn slice<T>(
        &self,
        cx: &Cx<'_>,
        all: impl IntoIterator<Item = T>,
    ) -> Result<Page<T>, Error> {
        self.slice_at_most(cx, self.size(), all)
    }

    /// The same, with `most` items on the page.
    ///
    /// # Errors
    /// As [`Ask::slice`].
    pub(crate) fn slice_at_most<T>(
        &self,
        cx: &Cx<'_>,
        most: usize,
        all: impl IntoIterator<Item = T>,
    ) -> Result<Page<T>, Error> {
        let mut walk = Walk::begin_at_most(cx, self, most)?;
        let items = walk.fixed(ONLY_SECTION, all);
        let marker = walk.end(cx, self)?;
        Ok(Page { items, marker })
    }
}

impl<T> Page<T> {
    /// The same page of what `show` makes of the items.
    pub(crate) fn map<U>(self, show: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(show).collect(),
            marker: self.marker,
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

/// A walk through the sections of a list, for one page of it. Sections are asked for in the order
/// of their numbers; those before the page and after it give nothing.
pub(crate) struct Walk {
    from: Place,
    room: usize,
    examined: usize,
    stopped: Option<Place>,
}

/// Where a page begins: in a section, after a record. Serialized into the marker.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Place {
    section: u32,
    after: Vec<String>,
}

impl Walk {
    /// Begins where the marker says.
    ///
    /// # Errors
    /// [`Error::InvalidMarker`] for a marker that is none of this list's.
    pub(crate) fn begin(cx: &Cx<'_>, ask: &Ask<'_>) -> Result<Self, Error> {
        Self::begin_at_most(cx, ask, ask.size())
    }

    fn begin_at_most(cx: &Cx<'_>, ask: &Ask<'_>, room: usize) -> Result<Self, Error> {
        let from = match ask.marker {
            Some(marker) => ask.listing.cursor(cx, marker)?,
            None => Place::default(),
        };
        Ok(Self {
            from,
            room,
            examined: 0,
            stopped: None,
        })
    }

    /// The records of a section that are on this page. Like every page, it may end before it is
    /// full: one call looks at a bounded number of records.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) async fn records<R: Record>(
        &mut self,
        tx: &mut Tx<'_>,
        section: u32,
        query: &Query,
        admits: impl Fn(&R) -> bool,
    ) -> Result<Vec<Arc<R>>, Error> {
        let mut items = Vec::new();
        let Some(mut after) = self.start_of(section) else {
            return Ok(items);
        };
        loop {
            let room = self.room - items.len();
            // One more than fits tells whether there is more.
            let mut page = query.clone().with_limit(room + 1);
            if !after.is_empty() {
                page = page.after(after.iter().map(Value::from).collect());
            }
            let found = tx.query::<R>(&page).await.map_err(CommonError::from)?;
            let is_end = found.len() <= room;
            self.examined += found.len();
            let taken = found.iter().take(room);
            if let Some(last) = taken.clone().next_back() {
                after = texts(query.cursor(last.record.as_ref()));
            }
            let taken = taken.map(|one| one.record.clone());
            items.extend(taken.filter(|record| admits(record)));
            if is_end {
                self.room -= items.len();
                return Ok(items);
            }
            if items.len() == self.room || self.examined > MOST_EXAMINED {
                self.stopped = Some(Place { section, after });
                return Ok(items);
            }
        }
    }

    /// What is on this page of a section that is in memory.
    pub(crate) fn fixed<T>(&mut self, section: u32, all: impl IntoIterator<Item = T>) -> Vec<T> {
        let Some(after) = self.start_of(section) else {
            return Vec::new();
        };
        let skipped = after.first().and_then(|text| text.parse().ok());
        let skipped: usize = skipped.unwrap_or_default();
        let mut rest = all.into_iter().skip(skipped);
        let items: Vec<T> = rest.by_ref().take(self.room).collect();
        self.room -= items.len();
        if rest.next().is_some() {
            let after = vec![skipped.saturating_add(items.len()).to_string()];
            self.stopped = Some(Place { section, after });
        }
        items
    }

    /// The marker of the next page; `None` after the last.
    ///
    /// # Errors
    /// A failure to seal it.
    pub(crate) fn end(self, cx: &Cx<'_>, ask: &Ask<'_>) -> Result<Option<String>, Error> {
        match self.stopped {
            Some(place) => Ok(Some(ask.listing.token(cx, &place)?)),
            None => Ok(None),
        }
    }

    /// After which record a section goes on, if it is on this page.
    fn start_of(&self, section: u32) -> Option<Vec<String>> {
        if self.stopped.is_some() || section < self.from.section {
            return None;
        }
        if section == self.from.section {
            return Some(self.from.after.clone());
        }
        Some(Vec::new())
    }
}

/// IAM's keys are all text.
fn texts(cursor: Vec<Value>) -> Vec<String> {
    let texts = cursor.into_iter().filter_map(|value| match value {
        Value::Text(text) => Some(text.into()),
        _ => None,
    });
    texts.collect()
}

const DEFAULT_SIZE: usize = 100;
/// SECURITY: bounds the work of one call, whatever its filter leaves out.
const MOST_EXAMINED: usize = 1_000;
/// Of a list that has one.
const ONLY_SECTION: u32 = 0;
