//! `ListPolicyTags`: the tags of a managed policy.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::Ask;
use crate::iam::managed::PolicyTarget;
use crate::iam::shapes::{ARN, MARKER, MAX_ITEMS};
use crate::iam::tagging::{self, TagPage};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tags::Tags;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct ListPolicyTags;

wire::input! {
    /// What `ListPolicyTags` takes.
    pub(crate) struct Input {
        policy_arn: String = required audited "PolicyArn" ARN,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

pub(crate) struct Output(TagPage);

impl Operation for ListPolicyTags {
    const NAME: &'static str = "ListPolicyTags";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = PolicyTarget::find(cx, &mut tx, &input.policy_arn).await?;
        let permit = cx.authorize(Action("iam:ListPolicyTags"), target.to_read(cx))?;

        let ask = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[input.policy_arn.as_bytes()],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let none = Tags::default();
        let policy = target.existing(&permit)?;
        let tags = policy.tags().unwrap_or(&none);
        let page = tagging::page(cx, &ask, tags)?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(page)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        tagging::write_page(result, &self.0);
    }
}
