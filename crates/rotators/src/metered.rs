use std::io::{Error, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection of which only so much is read: [`MOST_BYTES`].
///
/// SECURITY: whoever may write a secret names the host, and drivers keep what a server says. One that
/// never ends would take all of this server's memory.
pub struct Metered<S> {
    connection: S,
    budget: Budget,
}

/// What may still be heard in one session, over all its connections.
#[derive(Clone)]
pub struct Budget(Arc<AtomicUsize>);

impl Default for Budget {
    fn default() -> Self {
        Self(Arc::new(AtomicUsize::new(MOST_BYTES)))
    }
}

impl Budget {
    /// Whether there was as much left.
    fn take(&self, bytes: usize) -> bool {
        let left = |left: usize| left.checked_sub(bytes);
        let is_left = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left)
            .is_ok();
        if !is_left {
            self.0.store(0, Ordering::SeqCst);
        }
        is_left
    }
}

impl<S> Metered<S> {
    /// Nothing is read of it yet.
    pub fn new(connection: S) -> Self {
        Self::within(connection, Budget::default())
    }

    /// One of several connections of a session.
    pub fn within(connection: S, budget: Budget) -> Self {
        Self { connection, budget }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.connection).poll_read(task, buffer))?;
        let read = buffer.filled().len().saturating_sub(before);
        if !this.budget.take(read) {
            buffer.set_filled(before);
            return Poll::Ready(Err(Error::other(TOO_MUCH)));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.get_mut().connection).poll_write(task, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_flush(task)
    }

    fn poll_shutdown(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_shutdown(task)
    }
}

/// What a database may say in one session. The grants of a user with ten thousand of them are less.
pub const MOST_BYTES: usize = 4 * 1024 * 1024;
/// What is told of one that says more.
pub const TOO_MUCH: &str = "it says too much, more than 4 MiB in one session";

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;

    #[tokio::test]
    async fn no_more_than_that_is_read() {
        let most = u64::try_from(MOST_BYTES).unwrap();

        let exactly = read(tokio::io::repeat(7).take(most)).await;
        let more = read(tokio::io::repeat(7).take(most + 1)).await;

        assert_eq!(exactly.0, MOST_BYTES);
        exactly.1.unwrap();
        assert!(more.0 <= MOST_BYTES);
        assert_eq!(more.1.unwrap_err().to_string(), TOO_MUCH);
    }

    #[tokio::test]
    async fn the_connections_of_a_session_share_what_it_may_hear() {
        let budget = Budget::default();
        let half = u64::try_from(MOST_BYTES / 2).unwrap();
        let mut first = Metered::within(tokio::io::repeat(7).take(half), budget.clone());
        let mut second = Metered::within(tokio::io::repeat(7).take(half + 1), budget);

        let heard = first.read_to_end(&mut Vec::new()).await;
        let more = second.read_to_end(&mut Vec::new()).await;

        assert_eq!(heard.unwrap(), MOST_BYTES / 2);
        assert_eq!(more.unwrap_err().to_string(), TOO_MUCH);
    }

    async fn read(endless: impl AsyncRead + Unpin) -> (usize, Result<usize>) {
        let mut read = Vec::new();
        let ended = Metered::new(endless).read_to_end(&mut read).await;
        (read.len(), ended)
    }
}
