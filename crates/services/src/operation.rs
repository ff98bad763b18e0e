//! What an operation is, and how dispatch runs one.

use crate::cx::Cx;
use crate::gateway::Refusal;
use crate::tx::Reply;
use base::{AwsError, CommonError, Entropy, random_below};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use wire::json::{Output, Writer};
use wire::{Body, Input, Parsed, Structure};

/// One operation of a JSON service: one file, four beats.
pub(crate) trait Operation: 'static {
    /// Its name in `X-Amz-Target`.
    const NAME: &'static str;
    /// What it takes.
    type Input: Input + Send + Sync;
    /// What it gives.
    type Output: Output + Send;
    /// Why it refuses.
    type Error: AwsError + From<CommonError>;

    /// Finds, authorizes, acts in a transaction, commits with the audit event.
    ///
    /// Runs again when another transaction came between, so it has no effect outside its own.
    fn run(
        cx: &Cx<'_>,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Reply<Self::Output>, Self::Error>> + Send;
}

/// An operation in the table of its service.
pub(crate) struct Entry {
    pub(crate) info: OperationInfo,
    pub(crate) run: Run,
}

/// What is known of an operation without running it; tests compare it with the rest of the tree.
#[derive(Clone, Copy, Debug)]
pub struct OperationInfo {
    /// Its name in `X-Amz-Target`.
    pub name: &'static str,
    /// Whether it only reads, as CloudTrail's `readOnly` tells.
    pub read_only: bool,
    /// The members of its input and their constraints.
    pub input: &'static Structure,
}

type Run = for<'a> fn(&'a Cx<'a>, Parsed) -> RunFuture<'a>;

type RunFuture<'a> = Pin<Box<dyn Future<Output = Result<Body, Refusal>> + Send + 'a>>;

/// The table entry of an operation that changes something.
pub(crate) const fn writes<O: Operation>() -> Entry {
    entry::<O>(false)
}

/// The table entry of an operation that only reads.
pub(crate) const fn reads<O: Operation>() -> Entry {
    entry::<O>(true)
}

const fn entry<O: Operation>(read_only: bool) -> Entry {
    let info = OperationInfo {
        name: O::NAME,
        read_only,
        input: O::Input::SHAPE,
    };
    Entry {
        info,
        run: |cx, parsed| Box::pin(run::<O>(cx, parsed)),
    }
}

async fn run<O: Operation>(cx: &Cx<'_>, parsed: Parsed) -> Result<Body, Refusal> {
    let input: O::Input = parsed
        .into_input()
        .map_err(|mismatch| Refusal::of(&O::Error::from(CommonError::internal(mismatch))))?;
    let mut attempt = 0;
    loop {
        match O::run(cx, &input).await {
            Ok(reply) => {
                return Writer::output(&reply.into_output())
                    .map_err(|error| Refusal::of(&O::Error::from(CommonError::internal(error))));
            }
            Err(error) if error.is_conflict() && attempt < MOST_RETRIES => {
                attempt += 1;
                tokio::time::sleep(backoff(cx.entropy(), attempt)).await;
            }
            Err(error) => return Err(Refusal::of(&error)),
        }
    }
}

/// Up to 2, 4, 8 … 64 ms: callers that met once do not meet again.
fn backoff(entropy: &dyn Entropy, attempt: u32) -> Duration {
    let most_micros = 1_000_u32 << attempt.min(6);
    Duration::from_micros(u64::from(random_below(entropy, most_micros)))
}

/// A hot secret commits once per group commit, so with many writers the last of them waits long.
const MOST_RETRIES: u32 = 200;
