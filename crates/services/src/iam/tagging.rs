//! Pages of tags.

use super::error::Error;
use super::listing::{Ask, Page};
use super::view::write_tag;
use crate::cx::Cx;
use crate::tags::Tags;
use wire::xml::Element;

/// A page of tags: keys and values.
pub(crate) type TagPage = Page<(String, String)>;

/// A page of `tags`.
///
/// # Errors
/// [`Error::InvalidMarker`] for a marker that is none of this list's.
pub(crate) fn page(cx: &Cx<'_>, ask: &Ask<'_>, tags: &Tags) -> Result<TagPage, Error> {
    let page = ask.slice(cx, tags.iter())?;
    Ok(page.map(|(key, value)| (key.to_owned(), value.to_owned())))
}

/// `Tags`, even when there are none, and whether the list goes on.
pub(crate) fn write_page(result: &mut Element<'_>, page: &TagPage) {
    page.write(result, "Tags", |(key, value), tag| {
        write_tag((key, value), tag);
    });
}
