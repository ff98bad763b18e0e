//! `RevokeGrant`: takes back what a grant allows, at once.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::shapes::{BOOLEAN, GRANT_ID, KEY_ID};
use crate::kms::target::Target;
use crate::kms::{grants, uses};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct RevokeGrant;

wire::input! {
    /// What `RevokeGrant` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        grant_id: String = required audited "GrantId" GRANT_ID,
        dry_run: Option<bool> = audited "DryRun" BOOLEAN,
    }
}

impl Operation for RevokeGrant {
    const NAME: &'static str = "RevokeGrant";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::by_key(cx, &mut tx, &input.key_id).await?;
        let via_service = Some(cx.facts.via.is_some());
        let keys = target
            .keys(cx)
            .flag("kms:grantisforawsresource", via_service);
        let action = Action("kms:RevokeGrant");
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        target.existing(&permit)?;
        grants::check_id(&input.grant_id)?;
        let grant = target.grant(&mut tx, &input.grant_id).await?;
        let grant = grant.ok_or_else(|| Error::GrantNotFound(input.grant_id.clone()))?;
        uses::check_dry_run(input.dry_run)?;
        grants::remove(&mut tx, &permit, &grant);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
