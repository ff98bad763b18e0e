//! `ListAttachedRolePolicies`: the managed policies attached to a role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::attached::{AttachedPolicies, Part};
use crate::iam::grants::{Ask, attached};
use crate::iam::shapes::{MARKER, MAX_ITEMS, POLICY_PATH_PREFIX, ROLE_NAME};
use crate::identity::model::Role;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct ListAttachedRolePolicies;

wire::input! {
    /// What `ListAttachedRolePolicies` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
        path_prefix: Option<String> = audited "PathPrefix" POLICY_PATH_PREFIX,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

impl Operation for ListAttachedRolePolicies {
    const NAME: &'static str = "ListAttachedRolePolicies";
    type Input = Input;
    type Output = AttachedPolicies;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<AttachedPolicies>, Error> {
        let ask = Ask {
            action: Action("iam:ListAttachedRolePolicies"),
            name: &input.role_name,
        };
        let part = Part {
            path_prefix: input.path_prefix.as_deref(),
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        attached::list::<Role>(cx, ask, Self::NAME, part).await
    }
}
