//! `RetireGrant`: gives a grant back.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html>
//!
//! The grant itself says who may: its retiring principal, and its grantee if `RetireGrant` is among
//! its operations. So may whom the key policy allows it, alone or with IAM.

use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::grants::{self, Grant};
use crate::kms::model::arn;
use crate::kms::shapes::{BOOLEAN, GRANT_ID, GRANT_TOKEN, KEY_ID};
use crate::kms::target::Target;
use crate::kms::{grant_tokens, uses};
use crate::operation::Operation;
use crate::tx::Reply;
use base::Plaintext;
use base::{AccountId, CommonError};
use policy::Named;
use std::borrow::Cow;

pub(crate) struct RetireGrant;

wire::input! {
    /// What `RetireGrant` takes.
    pub(crate) struct Input {
        grant_token: Option<Plaintext> = "GrantToken" GRANT_TOKEN,
        key_id: Option<String> = audited "KeyId" KEY_ID,
        grant_id: Option<String> = audited "GrantId" GRANT_ID,
        dry_run: Option<bool> = audited "DryRun" BOOLEAN,
    }
}

impl Operation for RetireGrant {
    const NAME: &'static str = "RetireGrant";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let (key, id) = input.grant(cx)?;
        let mut tx = cx.begin();
        let target = Target::by_key(cx, &mut tx, &key).await?;
        let grant = target.grant(&mut tx, &id).await?;
        let permit = permitted(cx, &target, grant.as_ref().map(|grant| &*grant.record))?;

        input.check_one_way()?;
        target.existing(&permit)?;
        grants::check_id(&id)?;
        let grant = grant.ok_or_else(|| Error::GrantNotFound(id.into_owned()))?;
        uses::check_dry_run(input.dry_run)?;
        grants::remove(&mut tx, &permit, &grant);
        let event = cx.event(&permit);
        let elements = serde_json::json!({ "keyId": target.id().arn() });
        let recorded = tx.commit(event.responding(elements)).await?;

        Ok(recorded.reply(()))
    }
}

/// Asks whether the caller may give `grant` back. No other grant counts.
fn permitted(cx: &Cx<'_>, target: &Target, grant: Option<&Grant>) -> Result<Permit, CommonError> {
    let mut named = Vec::new();
    let title = grant.map(Grant::title);
    if let Some((grant, name)) = grant.zip(title.as_deref()) {
        if let Some(retiring) = &grant.retiring {
            let policy = retiring.document.policy()?;
            named.push(Named { name, policy });
        }
        if grant.is_for(RETIRE.0, None) {
            let policy = grant.document.policy()?;
            named.push(Named { name, policy });
        }
    }
    let via_service = Some(cx.facts.via.is_some());
    let keys = target
        .keys(cx)
        .flag("kms:grantisforawsresource", via_service);
    target.permit_by(cx, RETIRE, &keys, &named)
}

impl Input {
    /// The key and the id of the grant that is named, by both or by a token.
    fn grant(&self, cx: &Cx<'_>) -> Result<(Cow<'_, str>, Cow<'_, str>), Error> {
        match (&self.key_id, &self.grant_id, &self.grant_token) {
            (Some(key), Some(id), _) => Ok((key.into(), id.into())),
            (None, None, Some(token)) => {
                let place = grant_tokens::read(cx, token)?;
                let account = AccountId::parse(&place.account);
                let account = account.map_err(|_| Error::InvalidGrantToken)?;
                let key = arn(cx.region, &account, &format!("key/{}", place.key_id));
                Ok((key.into(), place.grant_id.into()))
            }
            _ => Err(Error::Validation(ONE_OF_TWO.to_owned())),
        }
    }

    /// Refuses two names of a grant, which could be of two grants.
    fn check_one_way(&self) -> Result<(), Error> {
        if self.key_id.is_some() && self.grant_token.is_some() {
            return Err(Error::Validation(ONE_OF_TWO.to_owned()));
        }
        Ok(())
    }
}

const RETIRE: Action = Action("kms:RetireGrant");
const ONE_OF_TWO: &str = "Grant token OR (grant ID, key ID) must be specified";
