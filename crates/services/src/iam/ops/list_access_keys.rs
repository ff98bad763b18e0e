//! `ListAccessKeys`: the access keys of a user or of the caller, oldest first. Never their secrets.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::{Ask, Page};
use crate::iam::shapes::{EXISTING_USER_NAME, MARKER, MAX_ITEMS};
use crate::iam::subject::Subject;
use crate::identity::model::AccessKey;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use base::CommonError;
use std::sync::Arc;
use wire::xml;

pub(crate) struct ListAccessKeys;

wire::input! {
    /// What `ListAccessKeys` takes.
    pub(crate) struct Input {
        user_name: Option<String> = audited "UserName" EXISTING_USER_NAME,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

pub(crate) struct Output(Page<Arc<AccessKey>>);

impl Operation for ListAccessKeys {
    const NAME: &'static str = "ListAccessKeys";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let subject = Subject::find(cx, &mut tx, input.user_name.as_deref()).await?;
        let permit = cx.authorize(Action("iam:ListAccessKeys"), subject.resource())?;

        let owner = subject.existing(&permit)?;
        let ids = owner.access_keys(cx, &mut tx).await?;
        let list = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[owner.name().unwrap_or_default().as_bytes()],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let ids = list.slice(cx, ids)?;
        let mut items = Vec::with_capacity(ids.items.len());
        for id in &ids.items {
            let found = tx.get::<AccessKey>(&AccessKey::key_of(id)).await;
            items.extend(found.map_err(CommonError::from)?.map(|found| found.record));
        }
        let recorded = tx.finish(cx.event(&permit)).await?;

        let marker = ids.marker;
        Ok(recorded.reply(Output(Page { items, marker })))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        self.0.write(result, "AccessKeyMetadata", |key, element| {
            element.opt_text("UserName", key.user.as_deref());
            element.text("AccessKeyId", &key.id);
            element.text("Status", key.status.as_str());
            element.timestamp("CreateDate", key.created);
        });
    }
}
