//! `ListKeyPolicies`: the names of the policies of a key, of which there is one.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::key_policy::DEFAULT_NAME;
use crate::kms::shapes::{KEY_ID, LIMIT, MARKER};
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::tx::Reply;
use wire::json;

pub(crate) struct ListKeyPolicies;

wire::input! {
    /// What `ListKeyPolicies` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        _limit: Option<i64> = audited "Limit" LIMIT,
        marker: Option<String> = "Marker" MARKER,
    }
}

pub(crate) struct Output;

impl Operation for ListKeyPolicies {
    const NAME: &'static str = "ListKeyPolicies";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_manage(cx, &mut tx, &input.key_id).await?;
        let action = Action("kms:ListKeyPolicies");
        let permit = target.permit(cx, &mut tx, action, &target.keys(cx)).await?;

        target.existing(&permit)?;
        // There is never a second page, so no marker was ever given out.
        if input.marker.is_some() {
            return Err(Error::InvalidMarker);
        }
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.texts("PolicyNames", [DEFAULT_NAME]);
        object.boolean("Truncated", false);
    }
}
