//! Lists of what users have on AWS and nobody has here.

use super::error::Error;
use super::listing::{Ask, Page};
use super::subject::Subject;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::paging::Listing;
use crate::tx::Reply;
use wire::xml;

/// Such a list.
pub(crate) struct EmptyList {
    /// The operation that tells it.
    pub(crate) operation: &'static str,
    /// What the caller has to be allowed.
    pub(crate) action: Action,
    /// What the answer calls it.
    pub(crate) member: &'static str,
}

/// The answer: nothing, and no more of it.
pub(crate) struct Nothing {
    member: &'static str,
    page: Page<()>,
}

impl EmptyList {
    /// The list of the user `user_name`, or of the caller.
    ///
    /// # Errors
    /// [`Error::NoSuchEntity`]; [`Error::UserNotNamed`] for a session of a role;
    /// [`Error::InvalidMarker`] for any marker, since no such list goes on.
    pub(crate) async fn of(
        self,
        cx: &Cx<'_>,
        user_name: Option<&str>,
        marker: Option<&str>,
        max_items: Option<i64>,
    ) -> Result<Reply<Nothing>, Error> {
        let mut tx = cx.begin();
        let subject = Subject::find(cx, &mut tx, user_name).await?;
        let permit = cx.authorize(self.action, subject.resource())?;

        subject.existing(&permit)?;
        let ask = Ask {
            listing: Listing {
                operation: self.operation,
                question: &[],
            },
            marker,
            max_items,
        };
        let page = ask.slice(cx, [])?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        let member = self.member;
        Ok(recorded.reply(Nothing { member, page }))
    }
}

impl xml::Output for Nothing {
    fn write(&self, result: &mut xml::Element<'_>) {
        self.page.write(result, self.member, |(), _| ());
    }
}
