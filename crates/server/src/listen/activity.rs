//! What a connection is doing, to tell an idle one from a slow one.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// One connection's doings.
pub(super) struct Activity {
    opened: Instant,
    /// Requests that were received and are not answered.
    under_way: AtomicU32,
    /// Whether bytes of a next request came in (HTTP/1.1 only: HTTP/2 has traffic of its own).
    head_begun: AtomicBool,
    counts_heads: AtomicBool,
    /// When the present state began, in milliseconds after `opened`.
    since: AtomicU64,
}

/// What is to be done about a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Fine,
    /// It was idle for too long: finish it in order.
    Idle,
    /// It takes too long over a head: drop it.
    Slow,
}

impl Activity {
    /// A connection opened at `now`.
    pub(super) fn new(now: Instant) -> Arc<Self> {
        Arc::new(Self {
            opened: now,
            under_way: AtomicU32::new(0),
            head_begun: AtomicBool::new(false),
            counts_heads: AtomicBool::new(true),
            since: AtomicU64::new(0),
        })
    }

    /// The connection speaks HTTP/2, where bytes between requests are no sign of a head.
    pub(super) fn ignore_heads(&self) {
        self.counts_heads.store(false, Ordering::Relaxed);
    }

    /// A head was received whole. The request is under way until the guard is dropped.
    pub(super) fn request(self: &Arc<Self>) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        self.head_begun.store(false, Ordering::Relaxed);
        UnderWay(Arc::clone(self))
    }

    /// What to do at `now`, given how long a head may take and how long nothing may happen.
    pub(super) fn verdict(&self, now: Instant, head: Duration, idle: Duration) -> Verdict {
        if self.under_way.load(Ordering::Relaxed) > 0 {
            return Verdict::Fine;
        }
        let since = Duration::from_millis(self.since.load(Ordering::Relaxed));
        let lasts = self.after_opening(now).saturating_sub(since);
        if self.head_begun.load(Ordering::Relaxed) {
            if lasts > head {
                Verdict::Slow
            } else {
                Verdict::Fine
            }
        } else if lasts > idle {
            Verdict::Idle
        } else {
            Verdict::Fine
        }
    }

    fn bytes_came(&self, now: Instant) {
        if self.counts_heads.load(Ordering::Relaxed)
            && self.under_way.load(Ordering::Relaxed) == 0
            && !self.head_begun.swap(true, Ordering::Relaxed)
        {
            self.state_begins(now);
        }
    }

    fn request_ended(&self, now: Instant) {
        self.state_begins(now);
        self.under_way.fetch_sub(1, Ordering::Relaxed);
    }

    fn state_begins(&self, now: Instant) {
        let millis = u64::try_from(self.after_opening(now).as_millis()).unwrap_or(u64::MAX);
        self.since.store(millis, Ordering::Relaxed);
    }

    fn after_opening(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.opened)
    }
}

/// A request under way.
pub(super) struct UnderWay(Arc<Activity>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.request_ended(Instant::now());
    }
}

/// A stream that tells an [`Activity`] when bytes come in.
pub(super) struct Watched<S> {
    stream: S,
    activity: Arc<Activity>,
}

impl<S> Watched<S> {
    /// Watches `stream`.
    pub(super) fn new(stream: S, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.activity.bytes_came(Instant::now());
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Duration = Duration::from_secs(10);
    const IDLE: Duration = Duration::from_secs(75);

    struct Opened {
        at: Instant,
        activity: Arc<Activity>,
    }

    impl Opened {
        fn now() -> Self {
            let at = Instant::now();
            let activity = Activity::new(at);
            Self { at, activity }
        }

        fn after(&self, seconds: u64) -> Instant {
            self.at + Duration::from_secs(seconds)
        }

        fn verdict_after(&self, seconds: u64) -> Verdict {
            self.activity.verdict(self.after(seconds), HEAD, IDLE)
        }
    }

    #[test]
    fn a_connection_without_a_request_becomes_idle() {
        let connection = Opened::now();

        assert_eq!(connection.verdict_after(75), Verdict::Fine);
        assert_eq!(connection.verdict_after(76), Verdict::Idle);
    }

    #[test]
    fn a_head_that_trickles_in_is_slow_counted_from_its_first_byte() {
        let connection = Opened::now();

        connection.activity.bytes_came(connection.after(60));
        connection.activity.bytes_came(connection.after(69));

        assert_eq!(connection.verdict_after(70), Verdict::Fine);
        assert_eq!(connection.verdict_after(71), Verdict::Slow);
    }

    #[test]
    fn a_request_under_way_may_take_as_long_as_it_needs() {
        let connection = Opened::now();
        connection.activity.bytes_came(connection.at);

        let request = connection.activity.request();

        assert_eq!(connection.verdict_after(1_000), Verdict::Fine);
        drop(request);
    }

    #[test]
    fn idle_time_counts_from_the_last_answer() {
        let connection = Opened::now();
        connection.activity.bytes_came(connection.at);

        let request = connection.activity.request();
        drop(request);
        connection.activity.state_begins(connection.after(50));

        assert_eq!(connection.verdict_after(125), Verdict::Fine);
        assert_eq!(connection.verdict_after(126), Verdict::Idle);
    }

    #[test]
    fn http2_traffic_between_requests_is_no_head() {
        let connection = Opened::now();
        connection.activity.ignore_heads();

        connection.activity.bytes_came(connection.at);

        assert_eq!(connection.verdict_after(20), Verdict::Fine);
        assert_eq!(connection.verdict_after(76), Verdict::Idle);
    }

    #[tokio::test]
    async fn bytes_that_come_through_are_noticed_and_whole() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let connection = Opened::now();
        let (mut near, far) = tokio::io::duplex(64);
        let mut watched = Watched::new(far, Arc::clone(&connection.activity));

        near.write_all(b"GET").await.unwrap();
        let mut read = [0; 3];
        watched.read_exact(&mut read).await.unwrap();
        watched.write_all(b"answer").await.unwrap();
        let mut answer = [0; 6];
        near.read_exact(&mut answer).await.unwrap();

        assert_eq!(&read, b"GET");
        assert_eq!(&answer, b"answer");
        assert!(connection.activity.head_begun.load(Ordering::Relaxed));
    }
}
