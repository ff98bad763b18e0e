//! `ListGroupPolicies`: the names of the policies embedded in a group.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupPolicies.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::inline::InlinePolicies;
use crate::iam::grants::{Ask, inline};
use crate::iam::shapes::{GROUP_NAME, MARKER, MAX_ITEMS};
use crate::identity::model::Group;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct ListGroupPolicies;

wire::input! {
    /// What `ListGroupPolicies` takes.
    pub(crate) struct Input {
        group_name: String = required audited "GroupName" GROUP_NAME,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

impl Operation for ListGroupPolicies {
    const NAME: &'static str = "ListGroupPolicies";
    type Input = Input;
    type Output = InlinePolicies;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<InlinePolicies>, Error> {
        let ask = Ask {
            action: Action("iam:ListGroupPolicies"),
            name: &input.group_name,
        };
        inline::list::<Group>(
            cx,
            ask,
            Self::NAME,
            input.marker.as_deref(),
            input.max_items,
        )
        .await
    }
}
