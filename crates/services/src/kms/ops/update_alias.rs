//! `UpdateAlias`: makes an alias name another key.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html>

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

pub(crate) struct UpdateAlias;

wire::input! {
    /// What `UpdateAlias` takes.
    pub(crate) struct Input {
        alias_name: String = required audited "AliasName" ALIAS_NAME,
        target_key_id: String = required audited "TargetKeyId" KEY_ID,
    }
}

impl Operation for UpdateAlias {
    const NAME: &'static str = "UpdateAlias";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        alias_target::check_target(cx, &input.target_key_id)?;
        let mut tx = cx.begin();
        let alias = AliasTarget::find(cx, &mut tx, &input.alias_name).await?;
        let target = Target::to_manage(cx, &mut tx, &input.target_key_id).await?;
        let action = Action("kms:UpdateAlias");
        let for_alias = alias.permit(cx, action)?;
        let keys = target.keys(cx);
        let permit = target.permit(cx, &mut tx, action, &keys).await?;
        let alias = alias.existing(&for_alias)?;
        // The key that loses the alias has a say as well.
        let old = Target::to_manage(cx, &mut tx, &alias.record.key_id).await?;
        let keys = old.keys(cx);
        let for_old = old.permit(cx, &mut tx, action, &keys).await?;

        let (old, new) = (old.existing(&for_old)?, target.lasting(&permit)?);
        if old.record.id != new.record.id {
            let mut bereft = KmsKey::clone(&old.record);
            let mut named = KmsKey::clone(&new.record);
            alias_target::detach(&mut bereft, &input.alias_name);
            alias_target::attach(&mut named, &input.alias_name)?;
            dues::save(&mut tx, &for_old, bereft, old.rev).await?;
            dues::save(&mut tx, &permit, named, new.rev).await?;
        }
        let updated = Alias {
            key_id: new.record.id.clone(),
            updated: Some(cx.now()),
            ..Alias::clone(&alias.record)
        };
        tx.update(&permit, updated, alias.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
