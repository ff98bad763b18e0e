//! `ListRolePolicies`: the names of the policies embedded in a role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::inline::InlinePolicies;
use crate::iam::grants::{Ask, inline};
use crate::iam::shapes::{MARKER, MAX_ITEMS, ROLE_NAME};
use crate::identity::model::Role;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct ListRolePolicies;

wire::input! {
    /// What `ListRolePolicies` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

impl Operation for ListRolePolicies {
    const NAME: &'static str = "ListRolePolicies";
    type Input = Input;
    type Output = InlinePolicies;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<InlinePolicies>, Error> {
        let ask = Ask {
            action: Action("iam:ListRolePolicies"),
            name: &input.role_name,
        };
        inline::list::<Role>(
            cx,
            ask,
            Self::NAME,
            input.marker.as_deref(),
            input.max_items,
        )
        .await
    }
}
