//! Memory for messages that requests are about to store.

use super::queue::room_now;
use crate::app::App;
use base::{AccountId, CommonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How much all requests together may have made and not yet stored.
pub(crate) struct Making(Semaphore);

/// A part of that. It is free again when this is dropped.
pub(crate) type Share<'a> = SemaphorePermit<'a>;

/// What some messages will need.
#[derive(Clone, Copy, Default)]
pub(crate) struct Needed {
    messages: i64,
    bytes: i64,
}

impl Needed {
    /// One more, of so many bytes.
    pub(crate) fn add(&mut self, bytes: i64) {
        self.messages = self.messages.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

impl Default for Making {
    fn default() -> Self {
        Self(Semaphore::new(MOST_KIB))
    }
}

/// Waits for the memory that messages of `account` need. `None`: it has no room for them.
///
/// # Errors
/// When the store fails.
pub(crate) async fn share<'a>(
    app: &'a App,
    account: &AccountId,
    needed: Needed,
) -> Result<Option<Share<'a>>, CommonError> {
    let Needed { messages, bytes } = needed;
    if !room_now(app, account).await?.takes(messages, bytes) {
        return Ok(None);
    }
    let kib = usize::try_from(bytes / 1_024 + 1).unwrap_or(MOST_KIB);
    let kib = u32::try_from(kib.min(MOST_KIB)).unwrap_or(u32::MAX);
    // Nobody closes it.
    let share = app.making.0.acquire_many(kib).await;
    share.map(Some).map_err(CommonError::internal)
}

/// 64 MiB, which is the room of one account.
const MOST_KIB: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::World;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    fn needing(bytes: &[i64]) -> Needed {
        let mut needed = Needed::default();
        bytes.iter().for_each(|bytes| needed.add(*bytes));
        needed
    }

    #[tokio::test]
    async fn what_an_account_has_no_room_for_gets_no_memory() {
        let app = World::new().app;
        let account = AccountId::parse("123456789012").unwrap();

        let fits = share(&app, &account, needing(&[32 << 20, 32 << 20])).await;
        let fits = fits.unwrap().is_some();
        let too_large = share(&app, &account, needing(&[32 << 20, (32 << 20) + 1])).await;
        let too_many = share(&app, &account, needing(&[1; 10_001])).await;

        assert!(fits);
        assert!(too_large.unwrap().is_none() && too_many.unwrap().is_none());
        assert_eq!(app.making.0.available_permits(), MOST_KIB);
    }

    #[tokio::test]
    async fn who_finds_no_memory_waits_until_others_have_stored_theirs() {
        let app = World::new().app;
        let account = AccountId::parse("123456789012").unwrap();
        let held = share(&app, &account, needing(&[60 << 20])).await.unwrap();

        let mut second = pin!(share(&app, &account, needing(&[5 << 20])));
        let is_waiting = poll_fn(|cx| Poll::Ready(second.as_mut().poll(cx).is_pending())).await;
        drop(held);
        let served = second.await.unwrap().is_some();

        assert!(is_waiting && served);
    }
}
