//! Work that no request asks for, and what the server calls to have it done.

use super::{App, Door};
use crate::authorize::Permit;
use crate::{
    cloudformation, cloudtrail, cloudwatch, deliveries, events, follow, kms, lambda, logs,
    secretsmanager, sns,
};
use base::CommonError;

/// Why background work is not done. The text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum TickError {
    /// A failure of ours.
    #[error(transparent)]
    Common(#[from] CommonError),
    /// In CloudFormation.
    #[error(transparent)]
    CloudFormation(#[from] cloudformation::Error),
    /// In CloudTrail.
    #[error(transparent)]
    CloudTrail(#[from] cloudtrail::Error),
    /// In KMS.
    #[error(transparent)]
    Kms(#[from] kms::Error),
    /// In Lambda.
    #[error(transparent)]
    Lambda(#[from] lambda::Error),
    /// In Secrets Manager.
    #[error(transparent)]
    SecretsManager(#[from] secretsmanager::Error),
}

impl App {
    /// Does the background work that is due. Call about once a minute.
    ///
    /// # Errors
    /// When the store or the audit log fails; the work stays due.
    pub async fn tick(&self) -> Result<(), TickError> {
        let permit = Permit::for_service(&Door::open());
        // What fails keeps nothing else from being done.
        let flushed = self.uses.flush(&self.ledger, &permit).await;
        let purged = secretsmanager::jobs::purge_deleted(self, &permit).await;
        let deleted = kms::jobs::delete_keys(self, &permit).await;
        let rotated = kms::jobs::rotate_keys(self, &permit).await;
        let unkept = lambda::jobs::sweep(self, &permit).await;
        let swept = logs::jobs::sweep(self, &permit).await;
        let counted = secretsmanager::jobs::count_secrets(self, &permit).await;
        let aged = cloudwatch::jobs::sweep(self, &permit).await;
        let forgotten = cloudformation::jobs::forget_deleted(self, &permit).await;
        let unconfirmed = sns::jobs::forget_unconfirmed(self, &permit).await;
        let unasked = sns::asking::forget(self, &permit).await;
        let buried = deliveries::forget_dead(self, &permit).await;
        flushed?;
        purged?;
        deleted?;
        rotated?;
        unkept?;
        forgotten?;
        counted?;
        aged?;
        unconfirmed?;
        unasked?;
        buried?;
        Ok(swept?)
    }

    /// Runs the functions that were called without being waited for, and waits for them. Call about
    /// once a second, also while an earlier call is at it.
    ///
    /// # Errors
    /// When the store or the audit log fails; what is not done stays due.
    pub async fn run_queued_functions(&self) -> Result<(), TickError> {
        let permit = Permit::for_service(&Door::open());
        Ok(lambda::jobs::run_queued(self, &permit).await?)
    }

    /// Delivers what trails owe to their buckets. Call every few seconds.
    ///
    /// # Errors
    /// When the store or the audit log fails; what is not delivered stays due. That a bucket does not take
    /// something is told by its trail.
    pub async fn deliver_trails(&self) -> Result<(), TickError> {
        let permit = Permit::for_service(&Door::open());
        Ok(cloudtrail::deliver(self, &permit).await?)
    }

    /// Does one rotation that is due, from where it stands to its end or its next wait, and gives
    /// whether there was one. Call it from as many workers as [`RotationSettings::workers`](secretsmanager::RotationSettings::workers) says, each
    /// with a name of its own; between two calls that found none, wait for [`App::rotation_nudged`] or
    /// a second. Of accounts that have enough workers there is none.
    ///
    /// It may be dropped at any point: the rotation is taken up again where it was, when the worker's
    /// lease has ended.
    ///
    /// # Errors
    /// When the store or the audit log fails; the rotation stays due.
    pub async fn rotate_next(&self, worker: &str) -> Result<bool, TickError> {
        let permit = Permit::for_service(&Door::open());
        Ok(secretsmanager::jobs::rotate_next(self, &permit, worker).await?)
    }

    /// Resolves when a rotation came up that is to begin at once, or one of an account that had enough
    /// workers may be done now. One call hears of one.
    pub async fn rotation_nudged(&self) {
        self.rotation_seats.nudged().await;
    }

    /// Has a worker look for rotations now.
    pub(crate) fn nudge_rotation(&self) {
        self.rotation_seats.nudge();
    }

    /// Gives what follows the audit log what comes next in it. Tells whether there was anything; when
    /// there was not, wait for [`EventStream::grown`](crate::ports::EventStream::grown) or a second.
    ///
    /// # Errors
    /// When the log or the store fails; what failed is where it was, and kept nothing else waiting.
    pub async fn follow(&self) -> Result<bool, CommonError> {
        let own = Permit::for_service(&Door::open());
        let (followed, routed) =
            tokio::join!(follow::all(self, &own), events::route_put(self, &own));
        // Alarms follow the data that came, from the log or from requests, which are in the log too.
        self.alarms.notify_one();
        Ok(followed? | routed?)
    }

    /// Judges the alarms that are due, and tells whether some are due still: one account has but a share
    /// of one call. Between two calls that left none, wait for [`App::alarms_nudged`] or some seconds.
    ///
    /// # Errors
    /// When the store fails; what is not judged stays due.
    pub async fn judge_alarms(&self) -> Result<bool, CommonError> {
        let own = Permit::for_service(&Door::open());
        cloudwatch::jobs::evaluate(self, &own).await
    }

    /// Resolves when data may have come that alarms are judged by. One call hears of one.
    pub async fn alarms_nudged(&self) {
        self.alarms.notified().await;
    }

    /// Delivers one message that is due, and gives whether there was one. Call it from several workers,
    /// each with a name of its own; between two calls that found none, wait for a moment.
    ///
    /// It may be dropped at any point: the message is delivered again after [`App::settle`], or when the
    /// worker's lease has ended.
    ///
    /// # Errors
    /// When the store fails; the message stays due.
    pub async fn deliver_next(&self, worker: &str) -> Result<bool, CommonError> {
        let own = Permit::for_service(&Door::open());
        deliveries::deliver_next(self, &own, worker).await
    }
}
