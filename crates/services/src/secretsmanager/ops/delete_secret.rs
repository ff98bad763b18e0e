//! `DeleteSecret`: schedules a deletion, or forces it at once.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html>

use crate::authorize::{Action, Permit};
use crate::cx::{Cx, Event};
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::{Deletion, Secret, arn};
use crate::secretsmanager::removal::{Course, remove};
use crate::secretsmanager::rotation::changes;
use crate::secretsmanager::shapes::{BOOLEAN, RECOVERY_WINDOW, SECRET_ID};
use crate::secretsmanager::target::Target;
use crate::secretsmanager::values;
use crate::tx::{Reply, Tx};
use base::{Timestamp, random_alphanumeric};
use serde_json::json;
use store::Versioned;
use wire::json;

pub(crate) struct DeleteSecret;

wire::input! {
    /// What `DeleteSecret` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
        recovery_window_in_days: Option<i64> = audited "RecoveryWindowInDays" RECOVERY_WINDOW,
        force_delete_without_recovery: Option<bool> =
            audited "ForceDeleteWithoutRecovery" BOOLEAN,
    }
}

pub(crate) struct Output {
    arn: String,
    name: String,
    deletion_date: Timestamp,
}

impl Operation for DeleteSecret {
    const NAME: &'static str = "DeleteSecret";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let window = Window::of(input)?;
        let permit = cx.authorize_with(
            Action("secretsmanager:DeleteSecret"),
            target.resource(),
            &target
                .keys()
                .flag(
                    "secretsmanager:forcedeletewithoutrecovery",
                    input.force_delete_without_recovery,
                )
                .opt_text(
                    "secretsmanager:recoverywindowindays",
                    input.recovery_window_in_days.map(|days| days.to_string()),
                ),
        )?;

        let found = match (target.existing(&permit), &window) {
            (Ok(found), _) => found,
            (Err(_), Window::None) => return nothing_to_force(cx, tx, &target, &permit).await,
            (Err(error), Window::Days(_)) => return Err(error),
        };
        let secret = &found.record;
        let (deletion_date, event) = match window {
            Window::None => purge(cx, &mut tx, &permit, found).await?,
            Window::Days(_) if secret.is_scheduled_for_deletion() => {
                return Err(Error::AlreadyScheduledForDeletion);
            }
            Window::Days(days) => schedule(cx, &mut tx, &permit, found, days).await?,
        };
        let output = Output {
            arn: secret.arn(),
            name: secret.name.clone(),
            deletion_date,
        };
        let recorded = tx.commit(event.responding(output.elements())).await?;

        Ok(recorded.reply(output))
    }
}

/// How long a deletion can be taken back.
enum Window {
    Days(i64),
    None,
}

impl Window {
    fn of(input: &Input) -> Result<Self, Error> {
        let days = input.recovery_window_in_days;
        if days.is_some_and(|days| !(7..=30).contains(&days)) {
            return Err(Error::RecoveryWindow);
        }
        match (input.force_delete_without_recovery, days) {
            (Some(true), Some(_)) => Err(Error::BothForceAndWindow),
            (Some(true), None) => Ok(Self::None),
            (_, days) => Ok(Self::Days(days.unwrap_or(30))),
        }
    }
}

async fn schedule<'a>(
    cx: &'a Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &'a Permit,
    found: &Versioned<Secret>,
    days: i64,
) -> Result<(Timestamp, Event<'a>), Error> {
    let due = cx.now().plus_days(days);
    let mut secret = Secret::clone(&found.record);
    secret.deletion = Some(Deletion {
        requested: cx.now(),
        due,
    });
    changes::stop(cx, tx, permit, &mut secret).await?;
    let versions = values::all(tx, permit, &secret).await?;
    let started = course(cx).each_version("StartSecretVersionDelete", &secret, &versions);
    let event = cx.event(permit).with(started);
    tx.update(permit, secret, found.rev);
    Ok((due, event))
}

/// COMPAT: AWS purges in the background within minutes; here it is done when the call returns, so
/// the name is free at once (behaviour reference §5.3).
async fn purge<'a>(
    cx: &'a Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &'a Permit,
    found: &Versioned<Secret>,
) -> Result<(Timestamp, Event<'a>), Error> {
    let secret = &found.record;
    let versions = remove(tx, permit, found).await?;
    let mut event = cx.event(permit);
    if !secret.is_scheduled_for_deletion() {
        let started = course(cx).each_version("StartSecretVersionDelete", secret, &versions);
        event = event.with(started);
    }
    let ended = course(cx).each_version("EndSecretVersionDelete", secret, &versions);
    Ok((cx.now(), event.with(ended)))
}

/// COMPAT: forcing away what does not exist succeeds, with an ARN that no secret has.
async fn nothing_to_force(
    cx: &Cx<'_>,
    tx: Tx<'_>,
    target: &Target,
    permit: &Permit,
) -> Result<Reply<Output>, Error> {
    let id = target.id();
    let suffix = random_alphanumeric(cx.entropy(), 6);
    let output = Output {
        arn: match &id.suffix {
            _ if id.name.is_empty() => id.sent.clone(),
            Some(_) => id.sent.clone(),
            None => arn(&id.region, &id.account, &id.name, &suffix),
        },
        name: if id.name.is_empty() {
            id.sent.clone()
        } else {
            id.name.clone()
        },
        deletion_date: cx.now(),
    };
    let recorded = tx
        .finish(cx.event(permit).responding(output.elements()))
        .await?;
    Ok(recorded.reply(output))
}

/// The course of this request.
pub(super) fn course<'a>(cx: &'a Cx<'_>) -> Course<'a> {
    Course {
        now: cx.now(),
        request_id: cx.request_id(),
        entropy: cx.entropy(),
    }
}

impl Output {
    /// As CloudTrail shows them (behaviour reference §13.1).
    fn elements(&self) -> serde_json::Value {
        json!({
            "name": self.name,
            "deletionDate": self.deletion_date.to_cloudtrail(),
            "arn": self.arn,
        })
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("ARN", &self.arn);
        object.text("Name", &self.name);
        object.timestamp("DeletionDate", self.deletion_date);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secretsmanager::model::tests::a_secret;
    use crate::secretsmanager::world::World;

    #[tokio::test]
    async fn no_value_outlives_its_secret() {
        let world = World::new();
        let gone = world.store(a_secret("gone"), 150).await;
        let kept = world.store(a_secret("kept"), 2).await;
        let facts = world.facts();
        let input = |secret_id: &str, force| Input {
            secret_id: secret_id.to_owned(),
            recovery_window_in_days: None,
            force_delete_without_recovery: Some(force),
        };

        for request in [input("gone", true), input("kept", false)] {
            DeleteSecret::run(&world.cx(&facts), &request)
                .await
                .unwrap();
        }

        assert_eq!(world.values_of(&gone).await, 0);
        assert_eq!(world.values_of(&kept).await, 2);
    }
}
