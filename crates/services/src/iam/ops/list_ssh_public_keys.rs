//! `ListSSHPublicKeys`: the SSH public keys of a user or of the caller.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSSHPublicKeys.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::empty::{EmptyList, Nothing};
use crate::iam::error::Error;
use crate::iam::shapes::{MARKER, MAX_ITEMS, USER_NAME};
use crate::operation::Operation;
use crate::tx::Reply;

/// Always empty: there is no service that takes them.
pub(crate) struct ListSSHPublicKeys;

wire::input! {
    /// What `ListSSHPublicKeys` takes.
    pub(crate) struct Input {
        user_name: Option<String> = audited "UserName" USER_NAME,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

impl Operation for ListSSHPublicKeys {
    const NAME: &'static str = "ListSSHPublicKeys";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        let list = EmptyList {
            operation: Self::NAME,
            action: Action("iam:ListSSHPublicKeys"),
            member: "SSHPublicKeys",
        };
        let user_name = input.user_name.as_deref();
        list.of(cx, user_name, input.marker.as_deref(), input.max_items)
            .await
    }
}
