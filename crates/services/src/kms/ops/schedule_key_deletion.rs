//! `ScheduleKeyDeletion`: stops a key, to be deleted after a window of 7 to 30 days.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::dues;
use crate::kms::error::Error;
use crate::kms::model::{KmsKey, State};
use crate::kms::shapes::{KEY_ID, PENDING_WINDOW};
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::tx::Reply;
use base::Timestamp;
use serde_json::json;
use wire::json;

pub(crate) struct ScheduleKeyDeletion;

wire::input! {
    /// What `ScheduleKeyDeletion` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        pending_window_in_days: Option<i64> = audited "PendingWindowInDays" PENDING_WINDOW,
    }
}

pub(crate) struct Output {
    key_arn: String,
    due: Timestamp,
    window_days: i64,
}

impl Operation for ScheduleKeyDeletion {
    const NAME: &'static str = "ScheduleKeyDeletion";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let window_days = input.pending_window_in_days.unwrap_or(LONGEST_WINDOW);
        let mut tx = cx.begin();
        let target = Target::to_manage(cx, &mut tx, &input.key_id).await?;
        let keys = target.keys(cx).text(
            "kms:schedulekeydeletionpendingwindowindays",
            window_days.to_string(),
        );
        let action = Action("kms:ScheduleKeyDeletion");
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        let found = target.lasting(&permit)?;
        if !(SHORTEST_WINDOW..=LONGEST_WINDOW).contains(&window_days) {
            return Err(Error::Validation(OUT_OF_BOUNDS.to_owned()));
        }
        let due = cx.now().plus_days(window_days);
        let key = KmsKey {
            state: State::PendingDeletion { due },
            ..KmsKey::clone(&found.record)
        };
        let output = Output {
            key_arn: key.arn(),
            due,
            window_days,
        };
        dues::save(&mut tx, &permit, key, found.rev).await?;
        let event = cx.event(&permit).responding(output.elements());
        let recorded = tx.commit(event).await?;

        Ok(recorded.reply(output))
    }
}

impl Output {
    /// As the audit record shows it.
    fn elements(&self) -> serde_json::Value {
        json!({
            "keyId": self.key_arn,
            "keyState": "PendingDeletion",
            "deletionDate": self.due.to_cloudtrail(),
            "pendingWindowInDays": self.window_days,
        })
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("KeyId", &self.key_arn);
        object.timestamp("DeletionDate", self.due);
        object.text("KeyState", "PendingDeletion");
        object.integer("PendingWindowInDays", self.window_days);
    }
}

const SHORTEST_WINDOW: i64 = 7;
const LONGEST_WINDOW: i64 = 30;
const OUT_OF_BOUNDS: &str = "PendingWindowInDays must be between 7 and 30 days (inclusive).";
