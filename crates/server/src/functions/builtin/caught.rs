//! What drivers break is theirs alone.
//!
//! SECURITY: who answers a driver is chosen by whoever writes a secret. What that makes a driver's
//! library panic with ends one step of one rotation, and not the server.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

/// The work panicked. Where is in the server's log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Panicked;

/// Does `work`. After a panic nothing more of it is done.
pub(super) async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut work = Box::pin(work);
    poll_fn(
        // A session that panicked is dropped, and nothing else that it could have left half done is
        // looked at again.
        move |context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(Poll::Ready(done)) => Poll::Ready(Ok(done)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(Err(Panicked)),
        },
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_the_work_and_nothing_else() {
        let after_a_wait = async {
            tokio::task::yield_now().await;
            panic!("on purpose")
        };

        assert_eq!(caught::<()>(after_a_wait).await, Err(Panicked));
        assert_eq!(caught(async { 7 }).await, Ok(7));
    }
}
