//! `UpdateSecretVersionStage`: moves, attaches or removes a staging label.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::rotation::changes::{By, follow};
use crate::secretsmanager::shapes::{SECRET_ID, VERSION_ID, VERSION_STAGE};
use crate::secretsmanager::target::Target;
use crate::secretsmanager::values;
use crate::tx::Reply;
use wire::json;

pub(crate) struct UpdateSecretVersionStage;

wire::input! {
    /// What `UpdateSecretVersionStage` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
        version_stage: String = required audited "VersionStage" VERSION_STAGE,
        remove_from_version_id: Option<String> = audited "RemoveFromVersionId" VERSION_ID,
        move_to_version_id: Option<String> = audited "MoveToVersionId" VERSION_ID,
    }
}

pub(crate) struct Output {
    arn: String,
    name: String,
}

impl Operation for UpdateSecretVersionStage {
    const NAME: &'static str = "UpdateSecretVersionStage";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let action = Action("secretsmanager:UpdateSecretVersionStage");
        let permit = cx.authorize_with(
            action,
            target.resource(),
            &target
                .keys()
                .text("secretsmanager:versionstage", input.version_stage.as_str()),
        )?;

        let found = target.usable(&permit)?;
        let mut secret = Secret::clone(&found.record);
        let remove_from = input.remove_from_version_id.as_deref();
        let move_to = input.move_to_version_id.as_deref();
        for id in [remove_from, move_to].into_iter().flatten() {
            // A version that a rotation began with can give up its label, and get none.
            let is_left = move_to != Some(id) && secret.versions.is_valueless(id);
            if !is_left && values::find(&mut tx, &permit, &secret, id).await?.is_none() {
                return Err(Error::NotAVersion(id.to_owned()));
            }
        }
        let most = cx.limits_of(&secret.account).labels;
        secret
            .versions
            .move_label(&input.version_stage, remove_from, move_to, most)?;
        secret.changed = cx.now();
        let output = Output {
            arn: secret.arn(),
            name: secret.name.clone(),
        };
        let told = follow(cx, &mut tx, &permit, &found.record, &mut secret, By::Label).await?;
        tx.update(&permit, secret, found.rev);
        let recorded = tx.commit(cx.event(&permit).with(told)).await?;

        Ok(recorded.reply(output))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("ARN", &self.arn);
        object.text("Name", &self.name);
    }
}
