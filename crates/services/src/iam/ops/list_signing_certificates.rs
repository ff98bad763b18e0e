//! `ListSigningCertificates`: the signing certificates of a user or of the caller.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSigningCertificates.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::empty::{EmptyList, Nothing};
use crate::iam::error::Error;
use crate::iam::shapes::{EXISTING_USER_NAME, MARKER, MAX_ITEMS};
use crate::operation::Operation;
use crate::tx::Reply;

/// Always empty: requests are signed with access keys only.
pub(crate) struct ListSigningCertificates;

wire::input! {
    /// What `ListSigningCertificates` takes.
    pub(crate) struct Input {
        user_name: Option<String> = audited "UserName" EXISTING_USER_NAME,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

impl Operation for ListSigningCertificates {
    const NAME: &'static str = "ListSigningCertificates";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        let list = EmptyList {
            operation: Self::NAME,
            action: Action("iam:ListSigningCertificates"),
            member: "Certificates",
        };
        let user_name = input.user_name.as_deref();
        list.of(cx, user_name, input.marker.as_deref(), input.max_items)
            .await
    }
}
