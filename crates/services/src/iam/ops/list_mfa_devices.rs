//! `ListMFADevices`: the MFA devices of a user or of the caller.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::empty::{EmptyList, Nothing};
use crate::iam::error::Error;
use crate::iam::shapes::{EXISTING_USER_NAME, MARKER, MAX_ITEMS};
use crate::operation::Operation;
use crate::tx::Reply;

/// Always empty: there is no MFA here.
pub(crate) struct ListMFADevices;

wire::input! {
    /// What `ListMFADevices` takes.
    pub(crate) struct Input {
        user_name: Option<String> = audited "UserName" EXISTING_USER_NAME,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

impl Operation for ListMFADevices {
    const NAME: &'static str = "ListMFADevices";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        let list = EmptyList {
            operation: Self::NAME,
            action: Action("iam:ListMFADevices"),
            member: "MFADevices",
        };
        let user_name = input.user_name.as_deref();
        list.of(cx, user_name, input.marker.as_deref(), input.max_items)
            .await
    }
}
