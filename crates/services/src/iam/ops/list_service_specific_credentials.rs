//! `ListServiceSpecificCredentials`: a user's or the caller's passwords for single services.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::empty::{EmptyList, Nothing};
use crate::iam::error::Error;
use crate::iam::shapes::{BOOLEAN, MARKER, MAX_ITEMS, USER_NAME};
use crate::operation::Operation;
use crate::tx::Reply;
use wire::{Shape, UNBOUNDED};

/// Always empty: no service here takes passwords.
pub(crate) struct ListServiceSpecificCredentials;

wire::input! {
    /// What `ListServiceSpecificCredentials` takes.
    pub(crate) struct Input {
        user_name: Option<String> = audited "UserName" USER_NAME,
        service_name: Option<String> = audited "ServiceName" SERVICE_NAME,
        all_users: Option<bool> = audited "AllUsers" BOOLEAN,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

impl Operation for ListServiceSpecificCredentials {
    const NAME: &'static str = "ListServiceSpecificCredentials";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        let list = EmptyList {
            operation: Self::NAME,
            action: Action("iam:ListServiceSpecificCredentials"),
            member: "ServiceSpecificCredentials",
        };
        let user_name = input.user_name.as_deref();
        list.of(cx, user_name, input.marker.as_deref(), input.max_items)
            .await
    }
}

const SERVICE_NAME: Shape = Shape::text(0, UNBOUNDED);
