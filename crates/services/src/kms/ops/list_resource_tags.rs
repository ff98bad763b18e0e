//! `ListResourceTags`: the tags of a key, in the order in which their keys first came.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::page::{Page, Part};
use crate::kms::shapes::{KEY_ID, LIMIT, MARKER};
use crate::kms::tagging;
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use wire::json;

pub(crate) struct ListResourceTags;

wire::input! {
    /// What `ListResourceTags` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        limit: Option<i64> = audited "Limit" LIMIT,
        marker: Option<String> = "Marker" MARKER,
    }
}

/// Tags with their places among all of them.
pub(crate) struct Output(Page<(u64, String, String)>);

impl Operation for ListResourceTags {
    const NAME: &'static str = "ListResourceTags";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_manage(cx, &mut tx, &input.key_id).await?;
        let keys = target.keys(cx);
        let action = Action("kms:ListResourceTags");
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        let key = &target.existing(&permit)?.record;
        let listing = Listing {
            operation: Self::NAME,
            question: &[key.id.as_bytes()],
        };
        let marker = input.marker.as_deref();
        let part: Part<'_, u64> = Part::of(cx, listing, input.limit, marker, USUAL_SIZE)?;
        let tags = (0..).zip(key.tags.iter());
        let rest = tags.filter(|(place, _)| part.after.is_none_or(|after| *place > after));
        let rest = rest.map(|(place, (key, value))| (place, key.to_owned(), value.to_owned()));
        let page = part.page(cx, rest.collect(), |(place, ..)| *place)?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(page)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        let tags = self.0.items.iter();
        tagging::write(
            object,
            tags.map(|(_, key, value)| (key.as_str(), value.as_str())),
        );
        self.0.write_end(object);
    }
}

const USUAL_SIZE: usize = 50;
