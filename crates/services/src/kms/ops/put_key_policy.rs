//! `PutKeyPolicy`: puts a policy in the place of the one that a key has.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::model::KmsKey;
use crate::kms::shapes::{BOOLEAN, KEY_ID, POLICY, POLICY_NAME};
use crate::kms::target::Target;
use crate::kms::{dues, key_policy};
use crate::operation::Operation;
use crate::tx::Reply;
use serde_json::json;

pub(crate) struct PutKeyPolicy;

wire::input! {
    /// What `PutKeyPolicy` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        policy_name: Option<String> = audited "PolicyName" POLICY_NAME,
        policy: String = required audited "Policy" POLICY,
        bypass_policy_lockout_safety_check: Option<bool> =
            audited "BypassPolicyLockoutSafetyCheck" BOOLEAN,
    }
}

impl Operation for PutKeyPolicy {
    const NAME: &'static str = "PutKeyPolicy";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let bypass = input.bypass_policy_lockout_safety_check == Some(true);
        let mut tx = cx.begin();
        let target = Target::to_manage(cx, &mut tx, &input.key_id).await?;
        let keys = target
            .keys(cx)
            .flag("kms:bypasspolicylockoutsafetycheck", Some(bypass));
        let action = Action("kms:PutKeyPolicy");
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        let found = target.existing(&permit)?;
        key_policy::check_name(input.policy_name.as_deref())?;
        let key = KmsKey {
            policy: key_policy::examine(&mut tx, &input.policy).await?,
            ..KmsKey::clone(&found.record)
        };
        if !bypass {
            key_policy::check_lock_out(cx, &key)?;
        }
        let answered = json!({ "keyId": key.arn() });
        dues::save(&mut tx, &permit, key, found.rev).await?;
        let recorded = tx.commit(cx.event(&permit).responding(answered)).await?;

        Ok(recorded.reply(()))
    }
}
