//! One rotation of one secret: its steps, and what became of them. Pure rules.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base::{Entropy, Plaintext, Timestamp, random_uuid};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize as _;

/// One rotation, or one test of the function, from its beginning to its end.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Run {
    /// The id of the version that it makes: `ClientRequestToken`.
    pub(crate) id: String,
    pub(crate) rotation_token: RotationToken,
    pub(crate) kind: RunKind,
    pub(crate) cause: Cause,
    /// The ARN of the function that is called.
    pub(crate) function: String,
    pub(crate) began: Timestamp,
    /// After this moment it is not tried again. `None`: at any time.
    pub(crate) retry_until: Option<Timestamp>,
    /// The step that is to be done, or is being done.
    pub(crate) step: Step,
    /// From 1.
    pub(crate) attempt: u32,
    /// Every call of the function, in order.
    pub(crate) calls: Vec<Call>,
    pub(crate) end: Option<End>,
}

/// What the function may show in place of the version's id.
///
/// INVARIANT: never logged or shown. Overwritten when it is dropped, and compared in constant time.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct RotationToken(String);

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RunKind {
    /// A new value.
    Rotation,
    /// A look whether the function works: `RotateImmediately=false`.
    Test,
}

/// Why a run began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Cause {
    /// `RotateSecret`.
    Request,
    /// The schedule.
    Schedule,
}

/// What a function is called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    Create,
    Set,
    Test,
    Finish,
}

/// One call of the function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) step: Step,
    pub(crate) attempt: u32,
    pub(crate) began: Timestamp,
    /// `None`: it did not end yet.
    pub(crate) ended: Option<Timestamp>,
    pub(crate) failure: Option<Failure>,
    pub(crate) log: Option<LogPlace>,
}

/// Where the lines of a call are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogPlace {
    pub(crate) request_id: String,
    pub(crate) group: String,
    pub(crate) stream: String,
}

/// Why a call failed, scrubbed of values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) kind: String,
    pub(crate) message: String,
}

/// What came of the last call of a run.
#[derive(Clone)]
pub(crate) struct LastCall {
    pub(crate) log: Option<LogPlace>,
    pub(crate) failure: Option<Failure>,
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct End {
    pub(crate) at: Timestamp,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    Succeeded,
    Failed,
    /// A value was put in by hand, or `AWSPENDING` was taken away.
    Abandoned,
    /// `CancelRotateSecret`, or the deletion of the secret.
    Cancelled,
}

/// What is known when a run begins.
pub(crate) struct Beginning {
    pub(crate) id: String,
    pub(crate) rotation_token: RotationToken,
    pub(crate) kind: RunKind,
    pub(crate) cause: Cause,
    pub(crate) function: String,
    pub(crate) now: Timestamp,
    pub(crate) retry_until: Option<Timestamp>,
}

impl RotationToken {
    /// A new one.
    pub(crate) fn random(entropy: &dyn Entropy) -> Self {
        Self(random_uuid(entropy))
    }

    /// Whether it is what somebody has `shown`.
    pub(crate) fn is(&self, shown: &Plaintext) -> bool {
        self.equals(shown.expose())
    }

    /// For the function alone.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    #[cfg(test)]
    pub(crate) fn of_tests(token: &str) -> Self {
        Self(token.to_owned())
    }

    fn equals(&self, other: &[u8]) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), other).is_ok()
    }
}

impl PartialEq for RotationToken {
    fn eq(&self, other: &Self) -> bool {
        self.equals(other.0.as_bytes())
    }
}

impl Eq for RotationToken {}

impl Drop for RotationToken {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Step {
    /// As the function is told.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "createSecret",
            Self::Set => "setSecret",
            Self::Test => "testSecret",
            Self::Finish => "finishSecret",
        }
    }

    fn next(self) -> Option<Self> {
        match self {
            Self::Create => Some(Self::Set),
            Self::Set => Some(Self::Test),
            Self::Test => Some(Self::Finish),
            Self::Finish => None,
        }
    }
}

impl Run {
    pub(crate) fn begin(beginning: Beginning) -> Self {
        Self {
            id: beginning.id,
            rotation_token: beginning.rotation_token,
            kind: beginning.kind,
            cause: beginning.cause,
            function: beginning.function,
            began: beginning.now,
            retry_until: beginning.retry_until,
            step: first_step(beginning.kind),
            attempt: 1,
            calls: Vec::new(),
            end: None,
        }
    }

    pub(crate) fn is_in_flight(&self) -> bool {
        self.end.is_none()
    }

    /// Whether the step to be done is the last one.
    pub(crate) fn is_at_last_step(&self) -> bool {
        self.kind == RunKind::Test || self.step.next().is_none()
    }

    /// Notes that the function is called now for the step to be done. A call that nobody saw the end
    /// of was cut off.
    pub(crate) fn call(&mut self, now: Timestamp) {
        if let Some(last) = self.calls.last_mut().filter(|last| last.ended.is_none()) {
            last.ended = Some(now);
            last.failure = Some(Failure {
                kind: String::from("Interrupted"),
                message: String::from("the server stopped during this step"),
            });
        }
        let excess = self
            .calls
            .len()
            .saturating_add(1)
            .saturating_sub(MOST_CALLS);
        self.calls.drain(..excess);
        self.calls.push(Call {
            step: self.step,
            attempt: self.attempt,
            began: now,
            ended: None,
            failure: None,
            log: None,
        });
    }

    /// Notes the end of the call under way.
    pub(crate) fn returned(
        &mut self,
        now: Timestamp,
        log: Option<LogPlace>,
        failure: Option<Failure>,
    ) {
        if let Some(call) = self.calls.last_mut() {
            call.ended = Some(now);
            call.log = log;
            call.failure = failure.map(Failure::shortened);
        }
    }

    /// Whether it is the same run as `other`, however far each got. A version may have had several.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.rotation_token == other.rotation_token
    }

    /// Notes what came of the call that was under way when a request ended the run. `called` is the run
    /// as that call began. What became of the run stays. Gives whether it was that run and call.
    pub(crate) fn returned_late(&mut self, called: &Self, now: Timestamp, last: LastCall) -> bool {
        let is_open = !self.is_in_flight() && self.calls.last() == called.calls.last();
        let is_it = self.is(called) && is_open;
        if is_it {
            self.returned(now, last.log, last.failure);
        }
        is_it
    }

    /// Goes on to the next step, if there is one.
    pub(crate) fn go_on(&mut self) {
        if let Some(next) = self.step.next().filter(|_| !self.is_at_last_step()) {
            self.step = next;
        }
    }

    /// How many calls before the one under way failed in a row as `kind`.
    pub(crate) fn failed_in_a_row(&self, kind: &str) -> u32 {
        let before = self.calls.iter().rev().skip(1);
        let is_such = |call: &&Call| call.failure.as_ref().is_some_and(|one| one.kind == kind);
        u32::try_from(before.take_while(is_such).count()).unwrap_or(u32::MAX)
    }

    /// Begins anew with the first step and the same version.
    pub(crate) fn start_over(&mut self) {
        self.attempt = self.attempt.saturating_add(1);
        self.step = first_step(self.kind);
    }

    pub(crate) fn end(&mut self, at: Timestamp, outcome: Outcome) {
        self.end = Some(End { at, outcome });
    }

    /// The `errorMessage` of a failure in the step to be done (behaviour reference §6.6).
    pub(crate) fn error_message(&self) -> String {
        let step = self.step.name();
        format!(
            "Error when executing lambda {} during {step} step",
            self.function
        )
    }
}

impl Failure {
    /// A function may say a lot; what is kept of it is bounded.
    fn shortened(mut self) -> Self {
        for text in [&mut self.kind, &mut self.message] {
            if let Some((end, _)) = text.char_indices().nth(MOST_TEXT) {
                text.truncate(end);
            }
        }
        self
    }
}

fn first_step(kind: RunKind) -> Step {
    match kind {
        RunKind::Rotation => Step::Create,
        RunKind::Test => Step::Test,
    }
}

/// Calls that are remembered of one run.
const MOST_CALLS: usize = 40;
/// Characters that are remembered of an error.
const MOST_TEXT: usize = 2_000;

#[cfg(test)]
mod tests;
