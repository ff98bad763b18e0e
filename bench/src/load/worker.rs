//! One thread of the generator, with its share of the connections.

use super::{Connection, Endpoint, PATIENCE, STOP, Shared};
use crate::Error;
use crate::clock::instant;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

/// Connects, waits for the other threads, and sends until the load is over. Returns what each
/// measured answer took, in nanoseconds.
pub(super) fn run(
    number: usize,
    endpoint: &Endpoint,
    shared: &Arc<Shared>,
) -> Result<Vec<u32>, Error> {
    let prepared = prepare(number, endpoint, shared);
    // INVARIANT: every thread comes here, or the others would wait for ever.
    shared.ready.wait();
    let sent = prepared.and_then(|(runtime, connections)| {
        let limit = shared.limit();
        runtime.block_on(async {
            timeout(limit, send(connections, shared))
                .await
                .unwrap_or(Err(Error::Stuck(limit.as_secs())))
        })
    });
    if sent.is_err() {
        shared.phase.store(STOP, Ordering::Release);
    }
    sent
}

/// A runtime of this thread's own.
pub(crate) fn runtime() -> Result<Runtime, Error> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::io("start a runtime"))
}

/// A connection and when it sends.
struct Member {
    connection: Connection,
    pace: Option<Pace>,
}

fn prepare(
    number: usize,
    endpoint: &Endpoint,
    shared: &Shared,
) -> Result<(Runtime, Vec<Member>), Error> {
    let runtime = runtime()?;
    let members = async {
        let mut members = Vec::new();
        for place in (number..shared.load.connections).step_by(shared.threads) {
            members.push(Member {
                connection: Connection::open(endpoint).await?,
                pace: Pace::of(shared.load.rate, place, shared.load.connections),
            });
        }
        Ok(members)
    };
    let members = runtime.block_on(async {
        timeout(PATIENCE, members)
            .await
            .unwrap_or(Err(Error::Stuck(PATIENCE.as_secs())))
    })?;
    Ok((runtime, members))
}

async fn send(members: Vec<Member>, shared: &Arc<Shared>) -> Result<Vec<u32>, Error> {
    let mut tasks = JoinSet::new();
    let began = instant();
    for member in members {
        tasks.spawn(keep_sending(member, began, shared.clone()));
    }
    let mut latencies = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        latencies.extend(ended.map_err(|_| Error::ThreadLost)??);
    }
    Ok(latencies)
}

async fn keep_sending(
    mut member: Member,
    began: Instant,
    shared: Arc<Shared>,
) -> Result<Vec<u32>, Error> {
    let mut latencies = Vec::new();
    loop {
        let counts_from = match &mut member.pace {
            Some(pace) => pace.turn(began).await,
            None => instant(),
        };
        let Some(request) = shared.next() else {
            return Ok(latencies);
        };
        member.connection.exchange(request).await?;
        if shared.is_measured() {
            let nanos = counts_from.elapsed().as_nanos();
            latencies.push(u32::try_from(nanos).unwrap_or(u32::MAX));
        }
    }
}

/// When one of several connections sends, so that together they keep a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pace {
    /// When the next request is due, counted from the beginning.
    due: Duration,
    interval: Duration,
}

impl Pace {
    fn of(rate: Option<u32>, place: usize, connections: usize) -> Option<Self> {
        let between = Duration::from_secs(1).checked_div(rate?)?;
        let times = |count: usize| between.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
        Some(Self {
            due: times(place),
            interval: times(connections),
        })
    }

    /// Waits for the next turn and returns the moment from which its latency counts. That is when
    /// it was due, if the answer before came too late to be on time; else now, so that the
    /// coarseness of the timer is not taken for the server's.
    async fn turn(&mut self, began: Instant) -> Instant {
        let due = began + self.due;
        self.due += self.interval;
        let now = instant();
        if now > due {
            return due;
        }
        sleep_until(due.into()).await;
        instant()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn without_a_rate_there_is_no_pace() {
        assert_eq!(Pace::of(None, 0, 16), None);
        assert_eq!(Pace::of(Some(0), 0, 16), None);
    }

    #[test]
    fn who_is_late_counts_from_when_it_was_due() {
        let mut pace = Pace::of(Some(1_000), 2, 4).unwrap();
        let began = instant()
            .checked_sub(Duration::from_secs(5))
            .unwrap_or_else(instant);

        let turns = runtime()
            .unwrap()
            .block_on(async { (pace.turn(began).await, pace.turn(began).await) });

        let millis = |moment: Instant| moment.duration_since(began).as_millis();
        assert_eq!((millis(turns.0), millis(turns.1)), (2, 6));
    }

    proptest! {
        #[test]
        fn together_the_connections_keep_the_rate(rate in 1_u32..2_000, connections in 1_usize..70) {
            let mut due: Vec<Duration> = (0..connections)
                .filter_map(|place| Pace::of(Some(rate), place, connections))
                .flat_map(|pace| [pace.due, pace.due + pace.interval])
                .collect();
            due.sort_unstable();

            let between = Duration::from_secs(1) / rate;
            for (number, due) in due.into_iter().enumerate() {
                prop_assert_eq!(due, between * u32::try_from(number).unwrap());
            }
        }
    }
}
