//! `ListUserPolicies`: the names of the policies embedded in a user.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::inline::InlinePolicies;
use crate::iam::grants::{Ask, inline};
use crate::iam::shapes::{EXISTING_USER_NAME, MARKER, MAX_ITEMS};
use crate::identity::model::User;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct ListUserPolicies;

wire::input! {
    /// What `ListUserPolicies` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" EXISTING_USER_NAME,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

impl Operation for ListUserPolicies {
    const NAME: &'static str = "ListUserPolicies";
    type Input = Input;
    type Output = InlinePolicies;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<InlinePolicies>, Error> {
        let ask = Ask {
            action: Action("iam:ListUserPolicies"),
            name: &input.user_name,
        };
        inline::list::<User>(
            cx,
            ask,
            Self::NAME,
            input.marker.as_deref(),
            input.max_items,
        )
        .await
    }
}
