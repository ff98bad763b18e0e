//! `GetSecretValue`: the value of one version.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>

use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::records::Form;
use crate::secretsmanager::shapes::{SECRET_ID, VERSION_ID, VERSION_STAGE};
use crate::secretsmanager::target::Target;
use crate::secretsmanager::values;
use crate::secretsmanager::versions::{AWSCURRENT, Version, Versions};
use crate::tx::{Reply, Tx};
use base::{Plaintext, Timestamp};
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
    pub(super) arn: String,
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
        let permit = cx.authorize(GET_SECRET_VALUE, target.resource())?;

        let wanted = (input.version_id.as_deref(), input.version_stage.as_deref());
        let output = reveal(cx, &mut tx, &target, &permit, wanted).await?;
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

/// Opens the wanted version, and notes the first read of the day.
pub(super) async fn reveal(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    target: &Target,
    permit: &Permit,
    (version_id, version_stage): (Option<&str>, Option<&str>),
) -> Result<Output, Error> {
    let found = target.usable(permit)?;
    let secret = &found.record;
    let version = choose(&secret.versions, version_id, version_stage)?;
    let stored = values::stored(tx, secret, &version.id).await?;
    let value = values::decrypt(cx, secret, &stored).await?;

    let today = cx.now().start_of_day();
    if !secret.was_read_before(&version.id, today) {
        let mut read = Secret::clone(secret);
        read.touch(&version.id, today);
        tx.update(permit, read, found.rev);
    }
    Ok(Output {
        arn: secret.arn(),
        name: secret.name.clone(),
        version_id: version.id.clone(),
        form: stored.form,
        value,
        stages: version.stages.clone(),
        created: version.created,
    })
}

/// The version that an id, a label, or both denote; without either, the current one.
fn choose<'a>(
    versions: &'a Versions,
    id: Option<&str>,
    stage: Option<&str>,
) -> Result<&'a Version, Error> {
    let Some(id) = id else {
        let stage = stage.unwrap_or(AWSCURRENT);
        return versions
            .holder(stage)
            .ok_or_else(|| Error::StageNotFound(stage.to_owned()));
    };
    let version = versions
        .find(id)
        .ok_or_else(|| Error::VersionNotFound(id.to_owned()))?;
    if stage.is_some_and(|stage| !version.has(stage)) {
        return Err(Error::StageNotOnVersion);
    }
    Ok(version)
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
