//! `ListOpenIDConnectProviderTags`: the tags of an issuer.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviderTags.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::Ask;
use crate::iam::providers::ProviderTarget;
use crate::iam::shapes::{ARN, MARKER, MAX_ITEMS};
use crate::iam::tagging::{self, TagPage};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct ListOpenIdConnectProviderTags;

wire::input! {
    /// What `ListOpenIDConnectProviderTags` takes.
    pub(crate) struct Input {
        arn: String = required audited "OpenIDConnectProviderArn" ARN,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

pub(crate) struct Output(TagPage);

impl Operation for ListOpenIdConnectProviderTags {
    const NAME: &'static str = "ListOpenIDConnectProviderTags";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = ProviderTarget::find(cx, &mut tx, &input.arn).await?;
        let permit = cx.authorize(
            Action("iam:ListOpenIDConnectProviderTags"),
            target.resource(),
        )?;

        let ask = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[input.arn.as_bytes()],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let tags = &target.existing(&permit)?.record.tags;
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
