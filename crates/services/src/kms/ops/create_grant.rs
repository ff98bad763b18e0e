//! `CreateGrant`: lets one principal do some things with one key.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html>
//!
//! - Who may create grants by a grant only gives no more than it has (`grant_delegation.rs`).
//! - The same request with the same name makes no second grant.

use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::grant_request::Input;
use crate::kms::grants::{self, Grant};
use crate::kms::model::KmsKey;
use crate::kms::target::Target;
use crate::kms::{dues, grant_tokens, uses};
use crate::operation::Operation;
use crate::tx::{CommitError, Reply, Tx};
use base::CommonError;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::Versioned;
use wire::json;

pub(crate) struct CreateGrant;

pub(crate) struct Output {
    token: String,
    id: String,
}

impl Operation for CreateGrant {
    const NAME: &'static str = "CreateGrant";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::by_key(cx, &mut tx, &input.key_id).await?;
        let keys = input.keys(cx, target.keys(cx));
        let action = Action("kms:CreateGrant");
        let wish = input.wish();
        let holds = |grant: &Grant| grant.delegates(&wish);
        let permit = target
            .permit_when(cx, &mut tx, action, &keys, holds)
            .await?;

        grant_tokens::check(cx, input.grant_tokens.as_deref())?;
        let key = target.enabled(&permit)?;
        let grant = input.grant(cx, &mut tx, &key.record, wish).await?;
        uses::check_dry_run(input.dry_run)?;
        let grant = match twin(&mut tx, &key.record, &grant).await? {
            Some(twin) => twin,
            None => {
                tx.insert(&permit, grant.clone());
                let counter = grants::counter(&grant.account, &grant.region, &grant.key_id);
                tx.count(&permit, &counter, 1, Some(grants::MOST_ON_A_KEY));
                note_grants(&mut tx, &permit, key).await?;
                Arc::new(grant)
            }
        };
        let output = Output {
            token: grant_tokens::of(cx, &grant)?,
            id: grant.id.clone(),
        };
        let elements = json!({ "grantId": grant.id, "keyId": key.record.arn() });
        let event = cx.event(&permit).responding(elements);
        let recorded = tx.commit(event).await.map_err(|error| match error {
            CommitError::LimitReached => Error::LimitExceeded(TOO_MANY_GRANTS),
            CommitError::Common(error) => Error::Common(error),
        })?;

        Ok(recorded.reply(output))
    }
}

/// Sees to it that the key says that it has grants.
async fn note_grants(
    tx: &mut Tx<'_>,
    permit: &Permit,
    key: &Versioned<KmsKey>,
) -> Result<(), CommonError> {
    if key.record.has_grants {
        return Ok(());
    }
    let mut granting = KmsKey::clone(&key.record);
    granting.has_grants = true;
    dues::save(tx, permit, granting, key.rev).await
}

/// The grant of the same name that an earlier request for `grant` made.
async fn twin(
    tx: &mut Tx<'_>,
    key: &KmsKey,
    grant: &Grant,
) -> Result<Option<Arc<Grant>>, CommonError> {
    let mut twin = None;
    if grant.name.is_some() && key.has_grants {
        tx.every::<Grant>(grants::to(key, &grant.grantee, 0), |one| {
            if is_twin(&one, grant) {
                twin = Some(one);
            }
        })
        .await?;
    }
    Ok(twin)
}

fn is_twin(one: &Grant, other: &Grant) -> bool {
    let operations = |grant: &Grant| grant.operations.iter().cloned().collect::<BTreeSet<_>>();
    one.name == other.name
        && one.issuing_account == other.issuing_account
        && one.document == other.document
        && one.retiring == other.retiring
        && one.constraints == other.constraints
        && operations(one) == operations(other)
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("GrantToken", &self.token);
        object.text("GrantId", &self.id);
    }
}

/// AWS's quota for a key.
const TOO_MANY_GRANTS: &str = "The key has reached its limit of grants.";
