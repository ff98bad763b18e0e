//! `CancelRotateSecret`: no further rotations, and none that is under way goes on.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CancelRotateSecret.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::rotation::changes;
use crate::secretsmanager::shapes::SECRET_ID;
use crate::secretsmanager::target::Target;
use crate::tx::Reply;
use wire::json;

pub(crate) struct CancelRotateSecret;

wire::input! {
    /// What `CancelRotateSecret` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
    }
}

pub(crate) struct Output {
    arn: String,
    name: String,
    version_id: Option<String>,
}

impl Operation for CancelRotateSecret {
    const NAME: &'static str = "CancelRotateSecret";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let permit = cx.authorize_with(
            Action("secretsmanager:CancelRotateSecret"),
            target.resource(),
            &target.keys(),
        )?;

        let found = target.usable(&permit)?;
        let mut secret = Secret::clone(&found.record);
        // COMPAT: AWS's answer for a secret that was never configured is unrecorded.
        let rotation = secret.rotation.as_mut().ok_or(Error::NoFunction)?;
        let was_enabled = rotation.disable();
        let mut output = Output {
            arn: secret.arn(),
            name: secret.name.clone(),
            version_id: None,
        };
        if was_enabled {
            secret.changed = cx.now();
            output.version_id = changes::stop(cx, &mut tx, &permit, &mut secret).await?;
            tx.update(&permit, secret, found.rev);
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("ARN", &self.arn);
        object.text("Name", &self.name);
        object.opt_text("VersionId", self.version_id.as_deref());
    }
}
