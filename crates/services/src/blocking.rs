//! Work that keeps a thread busy for long: compressing, hashing files, making keys.
//!
//! The threads that serve have requests of others at hand, which are not to wait for it.

use base::CommonError;

/// Does `work` on a thread where nobody waits.
///
/// # Errors
/// When it was not done to its end.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CommonError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(CommonError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[tokio::test]
    async fn work_is_done_on_another_thread() {
        let here = thread::current().id();

        let there = blocking(|| thread::current().id()).await.unwrap();

        assert_ne!(here, there);
    }

    #[tokio::test]
    async fn work_that_ends_early_is_a_failure_of_ours() {
        let failed = blocking(|| panic!("on purpose")).await;

        assert!(
            matches!(failed, Err(CommonError::Internal(_))),
            "{failed:?}"
        );
    }
}
