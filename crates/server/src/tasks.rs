//! Tasks that are counted, so that a drain knows when the last one has ended; and what runs within one.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use tokio::sync::Notify;

/// The tasks of one runtime.
///
/// INVARIANT: every task of the server is spawned here and nowhere else.
#[derive(Clone, Default)]
pub(crate) struct Tasks(Arc<Live>);

#[derive(Default)]
struct Live {
    count: AtomicUsize,
    ended: Notify,
}

impl Tasks {
    /// Runs `future` on the current runtime.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that spawns, and counts what it spawned"
    )]
    pub(crate) fn spawn<F>(&self, future: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let counted = Counted::new(Arc::clone(&self.0));
        drop(tokio::spawn(async move {
            let _counted = counted;
            future.await;
        }));
    }

    /// Resolves once no task is left.
    pub(crate) async fn all_ended(&self) {
        loop {
            let ended = self.0.ended.notified();
            if self.0.count.load(Ordering::Acquire) == 0 {
                return;
            }
            ended.await;
        }
    }
}

/// Runs all of them on the current task, and resolves when each has ended.
pub(crate) async fn side_by_side<F: Future<Output = ()>>(all: impl Iterator<Item = F>) {
    let mut running: Vec<Pin<Box<F>>> = all.map(Box::pin).collect();
    poll_fn(|cx| {
        running.retain_mut(|one| one.as_mut().poll(cx).is_pending());
        if running.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

impl<F> hyper::rt::Executor<F> for Tasks
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.spawn(future);
    }
}

/// One task. Counted down when it ends, panics or is dropped by its runtime.
struct Counted(Arc<Live>);

impl Counted {
    fn new(live: Arc<Live>) -> Self {
        live.count.fetch_add(1, Ordering::AcqRel);
        Self(live)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.ended.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn with_no_tasks_all_have_ended() {
        Tasks::default().all_ended().await;
    }

    #[tokio::test]
    async fn all_ended_waits_for_the_last_task() {
        let tasks = Tasks::default();
        let (finish, finished) = oneshot::channel::<()>();
        tasks.spawn(async move {
            let _ = finished.await;
        });

        let waiting = tasks.all_ended();
        tokio::pin!(waiting);
        let early = tokio::select! {
            biased;
            () = &mut waiting => true,
            () = tokio::task::yield_now() => false,
        };
        finish.send(()).unwrap();
        waiting.await;

        assert!(!early);
    }

    #[tokio::test]
    async fn a_task_that_panics_has_ended() {
        let tasks = Tasks::default();

        tasks.spawn(async { panic!("on purpose") });

        tasks.all_ended().await;
    }
}
