//! `DescribeSecret`: everything about a secret but its value.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::rotation::Rotation;
use crate::secretsmanager::shapes::SECRET_ID;
use crate::secretsmanager::target::Target;
use crate::tx::Reply;
use base::CommonError;
use serde_json::{Map, Value};
use std::sync::Arc;
use wire::json;

pub(crate) struct DescribeSecret;

wire::input! {
    /// What `DescribeSecret` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
    }
}

pub(crate) struct Output(Arc<Secret>);

impl Operation for DescribeSecret {
    const NAME: &'static str = "DescribeSecret";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let permit = cx.authorize_with(
            Action("secretsmanager:DescribeSecret"),
            target.resource(),
            &target.keys(),
        )?;

        let secret = Arc::clone(&target.existing(&permit)?.record);
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(secret)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        write_secret(object, &self.0, "VersionIdsToStages");
    }
}

/// What is answered for `secret`.
///
/// # Errors
/// Never, but by a fault of ours.
pub(crate) fn described(secret: &Arc<Secret>) -> Result<Map<String, Value>, CommonError> {
    let body = json::Writer::output(&Output(Arc::clone(secret))).map_err(CommonError::internal)?;
    serde_json::from_slice(body.as_ref()).map_err(CommonError::internal)
}

/// Writes a secret as DescribeSecret and ListSecrets show it; they differ in what they call the
/// map of versions.
///
/// Presence of each member: behaviour reference §4.7.
pub(super) fn write_secret(
    object: &mut json::Object<'_>,
    secret: &Secret,
    map_of_versions: &'static str,
) {
    object.text("ARN", &secret.arn());
    object.text("Name", &secret.name);
    object.opt_text("Description", secret.description.as_deref());
    object.opt_text("KmsKeyId", secret.key.customer_key.as_deref());
    if let Some(rotation) = &secret.rotation {
        write_rotation(object, rotation);
    }
    object.timestamp("LastChangedDate", secret.changed);
    object.opt_timestamp("LastAccessedDate", secret.accessed);
    // COMPAT: the moment of the DeleteSecret call, not the end of its window (reference §5.2).
    object.opt_timestamp(
        "DeletedDate",
        secret.deletion.as_ref().map(|deletion| deletion.requested),
    );
    if let Some(tags) = &secret.tags {
        object.objects("Tags", tags.iter(), |(key, value), tag| {
            tag.text("Key", key);
            tag.text("Value", value);
        });
    }
    if secret.versions.labelled().next().is_some() {
        object.object(map_of_versions, |map| {
            for version in secret.versions.labelled() {
                map.texts(&version.id, &version.stages);
            }
        });
    }
    object.timestamp("CreatedDate", secret.created);
}

/// What was configured is shown when it is not enabled too; when it is due next is not.
fn write_rotation(object: &mut json::Object<'_>, rotation: &Rotation) {
    object.boolean("RotationEnabled", rotation.enabled);
    object.text("RotationLambdaARN", &rotation.function);
    if let Some(rules) = &rotation.rules {
        object.object("RotationRules", |shown| {
            shown.opt_integer("AutomaticallyAfterDays", rules.automatically_after_days);
            shown.opt_text("Duration", rules.duration.as_deref());
            shown.opt_text("ScheduleExpression", rules.schedule_expression.as_deref());
        });
    }
    object.opt_timestamp("LastRotatedDate", rotation.last_rotated);
    let next = rotation.next.map(|window| window.last_second());
    object.opt_timestamp("NextRotationDate", next.filter(|_| rotation.enabled));
}
