//! `CreateAlias`: one more name for a key.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::alias_target::{self, AliasTarget};
use crate::kms::aliases::Alias;
use crate::kms::dues;
use crate::kms::error::Error;
use crate::kms::model::KmsKey;
use crate::kms::shapes::{ALIAS_NAME, KEY_ID};
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct CreateAlias;

wire::input! {
    /// What `CreateAlias` takes.
    pub(crate) struct Input {
        alias_name: String = required audited "AliasName" ALIAS_NAME,
        target_key_id: String = required audited "TargetKeyId" KEY_ID,
    }
}

impl Operation for CreateAlias {
    const NAME: &'static str = "CreateAlias";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        alias_target::check_target(cx, &input.target_key_id)?;
        let mut tx = cx.begin();
        let alias = AliasTarget::find(cx, &mut tx, &input.alias_name).await?;
        let target = Target::to_manage(cx, &mut tx, &input.target_key_id).await?;
        let action = Action("kms:CreateAlias");
        alias.permit(cx, action)?;
        let keys = target.keys(cx);
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        let key = target.lasting(&permit)?;
        alias.check_free(&permit)?;
        let mut named = KmsKey::clone(&key.record);
        alias_target::attach(&mut named, &input.alias_name)?;
        let alias = Alias {
            account: named.account.clone(),
            region: named.region.clone(),
            name: input.alias_name.clone(),
            key_id: named.id.clone(),
            created: Some(cx.now()),
            updated: Some(cx.now()),
        };
        tx.insert(&permit, alias);
        dues::save(&mut tx, &permit, named, key.rev).await?;
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
