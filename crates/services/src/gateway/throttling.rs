//! The token that a call takes from its caller's bucket, and the refusal when there is none.

use super::call::{Call, Progress};
use super::dispatch::Routed;
use super::refusal::Refusal;
use crate::app::App;
use crate::service::{Protocol, Service};
use crate::throttle::Throttled;
use base::{Timestamp, random_below};
use std::time::Duration;

/// Takes the token of a call whose caller is known.
///
/// # Errors
/// AWS's refusal, when there is none.
pub(super) fn admit(
    app: &App,
    call: &Call<'_>,
    routed: &Routed,
    progress: &Progress<'_>,
) -> Result<(), Refusal> {
    take(app, call.now, routed, progress).map_err(|_| refused(app, routed))
}

/// Takes the token of a call that nobody signed, from the bucket of where it comes from.
///
/// # Errors
/// As [`admit`].
pub(super) fn admit_unsigned(app: &App, call: &Call<'_>, routed: &Routed) -> Result<(), Refusal> {
    let taken = app.throttle.take_unsigned(call.request.source_ip, call.now);
    taken.map_err(|_| refused(app, routed))
}

/// The same for native code, which waits for its turn as the SDKs of other functions do.
///
/// # Errors
/// When its turn does not come in as many attempts as an SDK makes.
pub(super) async fn admit_in_turn(
    app: &App,
    call: &Call<'_>,
    routed: &Routed,
    progress: &Progress<'_>,
) -> Result<(), Refusal> {
    let mut now = call.now;
    for _ in 0..ATTEMPTS {
        let Err(Throttled(wait)) = take(app, now, routed, progress) else {
            return Ok(());
        };
        let jitter = Duration::from_millis(u64::from(random_below(app.entropy.as_ref(), 50)));
        tokio::time::sleep(wait.min(LONGEST_WAIT) + jitter).await;
        now = app.clock.now();
    }
    take(app, now, routed, progress).map_err(|_| refused(app, routed))
}

fn take(
    app: &App,
    now: Timestamp,
    routed: &Routed,
    progress: &Progress<'_>,
) -> Result<(), Throttled> {
    let (Some(entry), Some(principal)) = (routed.entry, &progress.principal) else {
        return Ok(());
    };
    let caller = (principal.account(), progress.region);
    let operation = (routed.service, entry);
    app.throttle.take(&app.quotas, caller, operation, now)
}

fn refused(app: &App, routed: &Routed) -> Refusal {
    app.counters.throttled(routed.service, routed.entry);
    refusal(routed.service, routed.protocol)
}

fn refusal(service: &Service, protocol: Protocol) -> Refusal {
    let (code, status) = match protocol {
        Protocol::Json { .. } => ("ThrottlingException", 400),
        // Services of several protocols name their errors as awsQuery does.
        Protocol::Query { .. } | Protocol::Several(_) | Protocol::Cbor(_) => ("Throttling", 400),
        Protocol::RestJson { .. } => ("TooManyRequestsException", 429),
    };
    // COMPAT: KMS has words of its own ("Throttling AWS KMS requests" of its developer guide).
    let text = match service.name {
        "kms" => {
            "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
        }
        _ => "Rate exceeded",
    };
    Refusal::front_end(code, status, Some(text.to_owned()))
}

const ATTEMPTS: u32 = 5;
const LONGEST_WAIT: Duration = Duration::from_secs(5);
