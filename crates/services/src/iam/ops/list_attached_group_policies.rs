//! `ListAttachedGroupPolicies`: the managed policies attached to a group.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedGroupPolicies.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::attached::{AttachedPolicies, Part};
use crate::iam::grants::{Ask, attached};
use crate::iam::shapes::{GROUP_NAME, MARKER, MAX_ITEMS, POLICY_PATH_PREFIX};
use crate::identity::model::Group;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct ListAttachedGroupPolicies;

wire::input! {
    /// What `ListAttachedGroupPolicies` takes.
    pub(crate) struct Input {
        group_name: String = required audited "GroupName" GROUP_NAME,
        path_prefix: Option<String> = audited "PathPrefix" POLICY_PATH_PREFIX,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

impl Operation for ListAttachedGroupPolicies {
    const NAME: &'static str = "ListAttachedGroupPolicies";
    type Input = Input;
    type Output = AttachedPolicies;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<AttachedPolicies>, Error> {
        let ask = Ask {
            action: Action("iam:ListAttachedGroupPolicies"),
            name: &input.group_name,
        };
        let part = Part {
            path_prefix: input.path_prefix.as_deref(),
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        attached::list::<Group>(cx, ask, Self::NAME, part).await
    }
}
