//! `DeleteAlias`: takes a name from a key, whatever state the key is in.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::alias_target::{self, AliasTarget};
use crate::kms::aliases::Alias;
use crate::kms::dues;
use crate::kms::error::Error;
use crate::kms::model::KmsKey;
use crate::kms::shapes::ALIAS_NAME;
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::tx::Reply;
use store::Record;

pub(crate) struct DeleteAlias;

wire::input! {
    /// What `DeleteAlias` takes.
    pub(crate) struct Input {
        alias_name: String = required audited "AliasName" ALIAS_NAME,
    }
}

impl Operation for DeleteAlias {
    const NAME: &'static str = "DeleteAlias";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let alias = AliasTarget::find(cx, &mut tx, &input.alias_name).await?;
        let action = Action("kms:DeleteAlias");
        let for_alias = alias.permit(cx, action)?;
        let alias = alias.existing(&for_alias)?;
        let target = Target::to_manage(cx, &mut tx, &alias.record.key_id).await?;
        let keys = target.keys(cx);
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        let key = target.existing(&permit)?;
        let mut bereft = KmsKey::clone(&key.record);
        alias_target::detach(&mut bereft, &input.alias_name);
        tx.delete::<Alias>(&permit, &alias.record.key(), alias.rev);
        dues::save(&mut tx, &permit, bereft, key.rev).await?;
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
