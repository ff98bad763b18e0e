use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// What `work` gives, and how often it let others have a turn on its thread before.
pub async fn turns<F: Future>(work: F) -> (F::Output, usize) {
    let mut work = pin!(work);
    let mut turns = 0;
    poll_fn(move |cx| match work.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready((output, turns)),
        Poll::Pending => {
            turns += 1;
            Poll::Pending
        }
    })
    .await
}
