//! `GetSecretValue`: the value of one version.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>

use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::records::{Form, SecretValue};
use crate::secretsmanager::shapes::{SECRET_ID, VERSION_ID, VERSION_STAGE};
use crate::secretsmanager::target::Target;
use crate::secretsmanager::values;
use crate::secretsmanager::versions::{AWSCURRENT, Versions};
use crate::tx::{Reply, Tx};
use base::{Plaintext, Timestamp};
use store::Versioned;
use wire::json;

pub(crate) struct GetSecretValue;

wire::input! {
    /// What `GetSecretValue` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
        version_id: Option<String> = audited "VersionId" VERSION_ID,
        version_stage: Option<String> = audited "VersionStage" VERSION_STAGE,
    }
}

/// A value on its way out.
pub(crate) struct Output {
    arn: String,
    name: String,
    version_id: String,
    form: Form,
    value: Plaintext,
    stages: Vec<String>,
    created: Timestamp,
}

/// The action that reveals a value.
pub(super) const GET_SECRET_VALUE: Action = Action("secretsmanager:GetSecretValue");

impl Operation for GetSecretValue {
    const NAME: &'static str = "GetSecretValue";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let permit = cx.authorize_with(
            GET_SECRET_VALUE,
            target.resource(),
            &target
                .keys()
                .opt_text("secretsmanager:versionid", input.version_id.as_deref())
                .opt_text(
                    "secretsmanager:versionstage",
                    input.version_stage.as_deref(),
                ),
        )?;

        let wanted = (input.version_id.as_deref(), input.version_stage.as_deref());
        let output = reveal(cx, &mut tx, &target, &permit, wanted).await?;
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

/// Opens the wanted version.
pub(super) async fn reveal(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    target: &Target,
    permit: &Permit,
    (version_id, version_stage): (Option<&str>, Option<&str>),
) -> Result<Output, Error> {
    let found = target.usable(permit)?;
    let secret = &found.record;
    let id = choose(&secret.versions, version_id, version_stage)?;
    let stored = values::find(tx, permit, secret, id).await?;
    let stored = stored.ok_or_else(|| Error::VersionNotFound(id.to_owned()))?;
    let stages = secret
        .versions
        .find(id)
        .map(|version| version.stages.as_slice());
    let stages = stages.unwrap_or_default();
    if version_stage.is_some_and(|stage| !stages.iter().any(|one| one == stage)) {
        return Err(Error::StageNotOnVersion);
    }
    let value = values::decrypt(cx, permit, secret, &stored.record).await?;

    note_read(cx, tx, permit, found, &stored);
    Ok(Output {
        arn: secret.arn(),
        name: secret.name.clone(),
        version_id: id.to_owned(),
        form: stored.record.form,
        value,
        stages: stages.to_vec(),
        created: stored.record.created,
    })
}

/// Notes the day of the read on secret and version, once a day for each.
fn note_read(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    found: &Versioned<Secret>,
    stored: &Versioned<SecretValue>,
) {
    let today = Some(cx.now().start_of_day());
    if found.record.accessed != today {
        let mut secret = Secret::clone(&found.record);
        secret.accessed = today;
        tx.update(permit, secret, found.rev);
    }
    if stored.record.accessed != today {
        let mut value = SecretValue::clone(&stored.record);
        value.accessed = today;
        tx.update(permit, value, stored.rev);
    }
}

/// The id of the wanted version: the one given, or that of the holder of the label, which is the
/// current one when nothing is given.
fn choose<'a>(
    versions: &'a Versions,
    id: Option<&'a str>,
    stage: Option<&str>,
) -> Result<&'a str, Error> {
    if let Some(id) = id {
        return Ok(id);
    }
    let stage = stage.unwrap_or(AWSCURRENT);
    let holder = versions.holder(stage);
    holder
        .map(|version| version.id.as_str())
        .ok_or_else(|| Error::StageNotFound(stage.to_owned()))
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("ARN", &self.arn);
        object.text("Name", &self.name);
        object.text("VersionId", &self.version_id);
        match self.form {
            Form::Text => object.plaintext("SecretString", &self.value),
            Form::Binary => object.blob("SecretBinary", &self.value),
        }
        if !self.stages.is_empty() {
            object.texts("VersionStages", &self.stages);
        }
        object.timestamp("CreatedDate", self.created);
    }
}
