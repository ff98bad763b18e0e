//! `GetKeyPolicy`: the policy of a key, as it was written.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::key_policy;
use crate::kms::model::KmsKey;
use crate::kms::shapes::{KEY_ID, POLICY_NAME};
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json;

pub(crate) struct GetKeyPolicy;

wire::input! {
    /// What `GetKeyPolicy` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        policy_name: Option<String> = audited "PolicyName" POLICY_NAME,
    }
}

pub(crate) struct Output(Arc<KmsKey>);

impl Operation for GetKeyPolicy {
    const NAME: &'static str = "GetKeyPolicy";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_manage(cx, &mut tx, &input.key_id).await?;
        let action = Action("kms:GetKeyPolicy");
        let permit = target.permit(cx, &mut tx, action, &target.keys(cx)).await?;

        let key = Arc::clone(&target.existing(&permit)?.record);
        key_policy::check_name(input.policy_name.as_deref())?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(key)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("Policy", self.0.policy.text());
        object.text("PolicyName", key_policy::DEFAULT_NAME);
    }
}
