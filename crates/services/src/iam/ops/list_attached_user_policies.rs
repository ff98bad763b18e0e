//! `ListAttachedUserPolicies`: the managed policies attached to a user.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::attached::{AttachedPolicies, Part};
use crate::iam::grants::{Ask, attached};
use crate::iam::shapes::{MARKER, MAX_ITEMS, POLICY_PATH_PREFIX, USER_NAME};
use crate::identity::model::User;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct ListAttachedUserPolicies;

wire::input! {
    /// What `ListAttachedUserPolicies` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" USER_NAME,
        path_prefix: Option<String> = audited "PathPrefix" POLICY_PATH_PREFIX,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

impl Operation for ListAttachedUserPolicies {
    const NAME: &'static str = "ListAttachedUserPolicies";
    type Input = Input;
    type Output = AttachedPolicies;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<AttachedPolicies>, Error> {
        let ask = Ask {
            action: Action("iam:ListAttachedUserPolicies"),
            name: &input.user_name,
        };
        let part = Part {
            path_prefix: input.path_prefix.as_deref(),
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        attached::list::<User>(cx, ask, Self::NAME, part).await
    }
}
