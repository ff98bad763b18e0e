//! Lists that go through several kinds of records, one after the other.

use super::error::Error;
use super::listing::Ask;
use crate::cx::Cx;
use crate::tx::Tx;
use base::CommonError;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Query, Record, Value};

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
        let from = match ask.marker {
            Some(marker) => ask.listing.cursor(cx, marker)?,
            None => Place::default(),
        };
        Ok(Self {
            from,
            room: ask.size(),
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
    pub(crate) fn fixed<'t, T>(&mut self, section: u32, all: &'t [T]) -> Vec<&'t T> {
        let Some(after) = self.start_of(section) else {
            return Vec::new();
        };
        let skipped = after.first().and_then(|text| text.parse().ok());
        let skipped: usize = skipped.unwrap_or_default();
        let items: Vec<&T> = all.iter().skip(skipped).take(self.room).collect();
        let next = skipped.saturating_add(items.len());
        self.room -= items.len();
        if next < all.len() {
            let after = vec![next.to_string()];
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
        Value::Text(text) => Some(text),
        _ => None,
    });
    texts.collect()
}

/// SECURITY: bounds the work of one call, whatever its filter leaves out.
const MOST_EXAMINED: usize = 2_000;
