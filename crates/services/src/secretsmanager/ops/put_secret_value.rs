//! `PutSecretValue`: a new version.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html>

use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::records::SecretValue;
use crate::secretsmanager::rotation::changes::{self, By, follow};
use crate::secretsmanager::shapes::{
    CLIENT_REQUEST_TOKEN, ROTATION_TOKEN, SECRET_BINARY, SECRET_ID, SECRET_STRING, VERSION_STAGES,
};
use crate::secretsmanager::target::Target;
use crate::secretsmanager::values::{self, GivenValue};
use crate::secretsmanager::versions::AWSCURRENT;
use crate::tx::{Reply, Tx};
use base::{CommonError, Plaintext};
use std::ops::Bound;
use store::Record;
use wire::json;

pub(crate) struct PutSecretValue;

wire::input! {
    /// What `PutSecretValue` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
        client_request_token: Option<String> = audited "ClientRequestToken" CLIENT_REQUEST_TOKEN,
        secret_binary: Option<Plaintext> = "SecretBinary" SECRET_BINARY,
        secret_string: Option<Plaintext> = "SecretString" SECRET_STRING,
        version_stages: Option<Vec<String>> = audited "VersionStages" VERSION_STAGES,
        rotation_token: Option<Plaintext> = "RotationToken" ROTATION_TOKEN,
    }
}

pub(crate) struct Output {
    arn: String,
    name: String,
    version_id: String,
    stages: Vec<String>,
}

impl Operation for PutSecretValue {
    const NAME: &'static str = "PutSecretValue";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let token = input
            .client_request_token
            .as_deref()
            .ok_or(Error::TokenMissing)?;
        let value = values::given(
            cx,
            input.secret_string.as_ref(),
            input.secret_binary.as_ref(),
        )?
        .ok_or(Error::NoValue)?;
        let permit = cx.authorize_with(
            Action("secretsmanager:PutSecretValue"),
            target.resource(),
            &target.keys(),
        )?;

        let found = target.usable(&permit)?;
        if let Some(rotation_token) = &input.rotation_token {
            changes::check_token(&mut tx, &found.record, token, rotation_token).await?;
        }
        if let Some(stored) = values::find(&mut tx, &permit, &found.record, token).await? {
            values::same_as_stored(cx, &permit, &found.record, &stored.record, &value).await?;
            let recorded = tx.finish(cx.event(&permit)).await?;
            return Ok(recorded.reply(Output::of(&found.record, token)));
        }
        let mut secret = Secret::clone(&found.record);
        let current = [AWSCURRENT.to_owned()];
        let stages = input.version_stages.as_deref().unwrap_or(&current);
        add_version(cx, &mut tx, &permit, &mut secret, token, &value, stages).await?;
        let told = follow(cx, &mut tx, &permit, &found.record, &mut secret, By::Value).await?;
        let output = Output::of(&secret, token);
        tx.update(&permit, secret, found.rev);
        let recorded = tx.commit(cx.event(&permit).with(told)).await?;

        Ok(recorded.reply(output))
    }
}

/// Adds the version `token` to `secret`, and removes versions that are beyond the quota.
pub(super) async fn add_version(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    secret: &mut Secret,
    token: &str,
    value: &GivenValue<'_>,
    stages: &[String],
) -> Result<(), Error> {
    let limits = cx.limits_of(&secret.account);
    secret.versions.add(token, stages, limits.labels)?;
    prune(cx, tx, permit, secret).await?;
    secret.versions.within_version_quota(limits)?;
    secret.changed = cx.now();
    tx.insert(permit, values::encrypt(cx, secret, token, value).await?);
    Ok(())
}

/// Removes the oldest deprecated versions that are old enough, a day by default, while there are more than
/// may stay.
async fn prune(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    secret: &mut Secret,
) -> Result<(), Error> {
    let limits = cx.limits_of(&secret.account);
    let surplus = secret.versions.surplus(limits);
    if surplus == 0 {
        return Ok(());
    }
    let age_seconds = i64::from(limits.unlabelled_hours).saturating_mul(3_600);
    let young = Bound::Excluded(cx.now().plus_seconds(-age_seconds));
    let looked_at = limits.labels.saturating_add(MOST_PRUNED);
    let old = secret.versions_by_age(looked_at).to(young);
    let old = tx
        .query::<SecretValue>(&old)
        .await
        .map_err(CommonError::from)?;
    let deprecated = old
        .iter()
        .filter(|one| secret.versions.find(&one.record.version_id).is_none());
    let pruned: Vec<_> = deprecated.take(surplus).cloned().collect();
    for version in &pruned {
        tx.delete::<SecretValue>(permit, &version.record.key(), version.rev);
    }
    secret.versions.forget(pruned.len());
    Ok(())
}

impl Output {
    fn of(secret: &Secret, version_id: &str) -> Self {
        let version = secret.versions.find(version_id);
        Self {
            arn: secret.arn(),
            name: secret.name.clone(),
            version_id: version_id.to_owned(),
            stages: version
                .map(|version| version.stages.clone())
                .unwrap_or_default(),
        }
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("ARN", &self.arn);
        object.text("Name", &self.name);
        object.text("VersionId", &self.version_id);
        if !self.stages.is_empty() {
            object.texts("VersionStages", &self.stages);
        }
    }
}

/// One call removes at most so many: far more than it makes, so that a pile shrinks with every call
/// and none of them takes long. Labelled versions among them are passed over.
const MOST_PRUNED: usize = 100;
