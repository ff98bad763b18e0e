//! `ListPolicyVersions`: the versions of a managed policy, the newest first.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::{Ask, Page};
use crate::iam::managed::{PolicyTarget, VersionShown};
use crate::iam::shapes::{ARN, MARKER, MAX_ITEMS};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct ListPolicyVersions;

wire::input! {
    /// What `ListPolicyVersions` takes.
    pub(crate) struct Input {
        policy_arn: String = required audited "PolicyArn" ARN,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

pub(crate) struct Output(Page<VersionShown>);

impl Operation for ListPolicyVersions {
    const NAME: &'static str = "ListPolicyVersions";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = PolicyTarget::find(cx, &mut tx, &input.policy_arn).await?;
        let permit = cx.authorize(Action("iam:ListPolicyVersions"), target.to_read(cx))?;

        let ask = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[input.policy_arn.as_bytes()],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let all = target.existing(&permit)?.versions(false);
        let page = ask.slice(cx, all)?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(page)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        self.0.write(result, "Versions", |version, element| {
            version.write(element)
        });
    }
}
