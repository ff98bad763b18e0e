//! Pages of lists, and the markers that continue them.

use super::error::Error;
use crate::cx::Cx;
use crate::paging::Listing;
use base::CommonError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::json;

/// Which part of a list a request is for.
pub(super) struct Part<'a, C> {
    listing: Listing<'a>,
    /// At most how many items the page has.
    size: usize,
    /// The place of the last item of the page before.
    pub(super) after: Option<C>,
}

/// A page, and the marker of the next one if there is one.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    next: Option<String>,
}

impl<'a, C: Serialize + DeserializeOwned> Part<'a, C> {
    /// The part that `limit` and `marker` ask for.
    ///
    /// # Errors
    /// [`Error::InvalidMarker`].
    pub(super) fn of(
        cx: &Cx<'_>,
        listing: Listing<'a>,
        limit: Option<i64>,
        marker: Option<&str>,
        usual_size: usize,
    ) -> Result<Self, Error> {
        let after = marker
            .map(|marker| listing.cursor(cx, marker))
            .transpose()?;
        let size = limit.and_then(|limit| usize::try_from(limit).ok());
        Ok(Self {
            listing,
            size: size.unwrap_or(usual_size),
            after,
        })
    }

    /// How many items to read: one more than the page has shows whether there is another.
    pub(super) fn to_read(&self) -> usize {
        self.size.saturating_add(1)
    }

    /// The page of `items`, which begin after [`Part::after`]; `place` tells where an item is.
    ///
    /// # Errors
    /// A failure of ours.
    pub(super) fn page<T>(
        &self,
        cx: &Cx<'_>,
        mut items: Vec<T>,
        place: impl Fn(&T) -> C,
    ) -> Result<Page<T>, CommonError> {
        let has_more = items.len() > self.size;
        items.truncate(self.size);
        let last = items.last().filter(|_| has_more);
        let next = last.map(|last| self.listing.token(cx, &place(last)));
        Ok(Page {
            next: next.transpose()?,
            items,
        })
    }
}

impl<T> Page<T> {
    /// Writes whether there is more, and where.
    pub(super) fn write_end(&self, object: &mut json::Object<'_>) {
        object.opt_text("NextMarker", self.next.as_deref());
        object.boolean("Truncated", self.next.is_some());
    }
}
