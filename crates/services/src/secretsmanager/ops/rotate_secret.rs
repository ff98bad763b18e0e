//! `RotateSecret`: configures rotation, and begins one or a test of the function.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::rotation::requests::{self, Asked, Begun};
use crate::secretsmanager::shapes::{
    AFTER_DAYS, BOOLEAN, CLIENT_REQUEST_TOKEN, DURATION, EXTERNAL_ROTATION_KEY,
    EXTERNAL_ROTATION_VALUE, ROLE_ARN, ROTATION_LAMBDA_ARN, SCHEDULE_EXPRESSION, SECRET_ID,
};
use crate::secretsmanager::target::Target;
use crate::tx::Reply;
use wire::{Input as _, Shape, UNBOUNDED, json};

pub(crate) struct RotateSecret;

wire::input! {
    /// What `RotateSecret` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
        client_request_token: Option<String> = audited "ClientRequestToken" CLIENT_REQUEST_TOKEN,
        rotation_lambda_arn: Option<String> = audited "RotationLambdaARN" ROTATION_LAMBDA_ARN,
        rotation_rules: Option<RotationRules> = audited "RotationRules" ROTATION_RULES,
        external_secret_rotation_metadata: Option<Vec<MetadataItem>> =
            audited "ExternalSecretRotationMetadata" METADATA,
        external_secret_rotation_role_arn: Option<String> =
            audited "ExternalSecretRotationRoleArn" ROLE_ARN,
        rotate_immediately: Option<bool> = audited "RotateImmediately" BOOLEAN,
    }
}

wire::input! {
    /// When to rotate.
    pub(crate) struct RotationRules {
        automatically_after_days: Option<i64> = audited "AutomaticallyAfterDays" AFTER_DAYS,
        duration: Option<String> = audited "Duration" DURATION,
        schedule_expression: Option<String> = audited "ScheduleExpression" SCHEDULE_EXPRESSION,
    }
}

wire::input! {
    /// What a partner needs for the rotation.
    pub(crate) struct MetadataItem {
        key: Option<String> = audited "Key" EXTERNAL_ROTATION_KEY,
        value: Option<String> = audited "Value" EXTERNAL_ROTATION_VALUE,
    }
}

const ROTATION_RULES: Shape = Shape::structure(RotationRules::SHAPE);
const METADATA: Shape = Shape::list(&METADATA_ITEM, 0, UNBOUNDED);
const METADATA_ITEM: Shape = Shape::structure(MetadataItem::SHAPE);

pub(crate) struct Output {
    arn: String,
    name: String,
    version_id: String,
}

impl Operation for RotateSecret {
    const NAME: &'static str = "RotateSecret";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let token = input.client_request_token.as_deref();
        let token = token.ok_or(Error::RotationWithoutToken)?;
        let function = input.function(cx);
        let permit = cx.authorize_with(
            Action("secretsmanager:RotateSecret"),
            target.resource(),
            &input.keys(target.keys(), function.as_deref()),
        )?;

        let found = target.usable(&permit)?;
        let asked = input.asked(token, function.as_deref())?;
        let output = Output {
            arn: found.record.arn(),
            name: found.record.name.clone(),
            version_id: token.to_owned(),
        };
        let begun = requests::begin(cx, &mut tx, &permit, found, &asked).await?;
        let event = cx.event(&permit);
        let event = match begun {
            Begun::Before => event,
            Begun::Now { secret, lines } => {
                tx.update(&permit, *secret, found.rev);
                event.with(lines)
            }
        };
        let recorded = tx.commit(event).await?;
        cx.app.nudge_rotation();

        Ok(recorded.reply(output))
    }
}

impl Input {
    /// COMPAT: `ModifyRotationRules` and `RotateImmediately` say what the call does, also when it
    /// leaves them out.
    fn keys<'a>(&'a self, keys: Keys<'a>, function: Option<&'a str>) -> Keys<'a> {
        let role = self.external_secret_rotation_role_arn.as_deref();
        keys.opt_text("secretsmanager:rotationlambdaarn", function)
            .opt_text("secretsmanager:externalsecretrotationrolearn", role)
            .flag(
                "secretsmanager:modifyrotationrules",
                Some(self.rotation_rules.is_some()),
            )
            .flag(
                "secretsmanager:rotateimmediately",
                Some(self.rotates_immediately()),
            )
    }

    fn asked<'a>(&'a self, token: &'a str, function: Option<&'a str>) -> Result<Asked<'a>, Error> {
        if self.external_secret_rotation_metadata.is_some() {
            return Err(Error::NotSupported("ExternalSecretRotationMetadata"));
        }
        if self.external_secret_rotation_role_arn.is_some() {
            return Err(Error::NotSupported("ExternalSecretRotationRoleArn"));
        }
        let rules = self.rotation_rules.as_ref().map(|rules| {
            requests::rules(
                rules.automatically_after_days,
                rules.duration.as_deref(),
                rules.schedule_expression.as_deref(),
            )
        });
        Ok(Asked {
            token,
            function,
            rules: rules.transpose()?,
            immediately: self.rotates_immediately(),
        })
    }

    /// The function that is asked for. An empty ARN, which the model allows, names nothing.
    ///
    /// SECURITY: conditions, the store and answers all see it without a qualifier, so that no way to
    /// write an ARN gets round a policy. What has no such form cannot be called, and is refused later.
    fn function(&self, cx: &Cx<'_>) -> Option<String> {
        let sent = self.rotation_lambda_arn.as_deref();
        let sent = sent.filter(|arn| !arn.is_empty())?;
        let known = cx.app.functions.arn_of(sent);
        Some(known.unwrap_or_else(|| sent.to_owned()))
    }

    fn rotates_immediately(&self) -> bool {
        self.rotate_immediately.unwrap_or(true)
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("ARN", &self.arn);
        object.text("Name", &self.name);
        object.text("VersionId", &self.version_id);
    }
}
