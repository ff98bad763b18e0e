//! `RestoreSecret`: takes back a scheduled deletion.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RestoreSecret.html>

use super::delete_secret::course;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::rotation::changes;
use crate::secretsmanager::shapes::SECRET_ID;
use crate::secretsmanager::target::Target;
use crate::secretsmanager::values;
use crate::tx::Reply;
use wire::json;

pub(crate) struct RestoreSecret;

wire::input! {
    /// What `RestoreSecret` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
    }
}

pub(crate) struct Output {
    arn: String,
    name: String,
}

impl Operation for RestoreSecret {
    const NAME: &'static str = "RestoreSecret";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let permit = cx.authorize_with(
            Action("secretsmanager:RestoreSecret"),
            target.resource(),
            &target.keys(),
        )?;

        let found = target.existing(&permit)?;
        let mut secret = Secret::clone(&found.record);
        let mut event = cx.event(&permit);
        // COMPAT: with no deletion to take back, succeeds unchanged (seen in moto, not on AWS).
        if secret.deletion.take().is_some() {
            let versions = values::all(&mut tx, &permit, &secret).await?;
            let cancelled =
                course(cx).each_version("CancelSecretVersionDelete", &secret, &versions);
            event = event.with(cancelled);
            changes::resume(cx, &mut tx, &permit, &mut secret).await?;
            tx.update(&permit, secret, found.rev);
        }
        let recorded = tx.commit(event).await?;

        let secret = &found.record;
        Ok(recorded.reply(Output {
            arn: secret.arn(),
            name: secret.name.clone(),
        }))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("ARN", &self.arn);
        object.text("Name", &self.name);
    }
}
