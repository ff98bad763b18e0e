//! The workers that rotate secrets, beside the requests.
//!
//! A stop in the middle of a rotation loses nothing: it goes on where it was when the server is back.

use crate::error::chain;
use crate::tasks::side_by_side;
use services::App;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Rotates what is due, `workers` secrets at a time. Never ends.
pub(crate) async fn run(app: &Arc<App>, workers: u16) {
    side_by_side((1..=workers).map(|number| work(app, number))).await;
}

async fn work(app: &App, number: u16) {
    let name = format!("worker-{number}");
    loop {
        match app.rotate_next(&name).await {
            // There may be more; others are waiting on this thread.
            Ok(true) => tokio::task::yield_now().await,
            Ok(false) => {
                let _ = timeout(PERIOD, app.rotation_nudged()).await;
            }
            Err(error) => {
                tracing::error!(error = chain(&error), "a rotation could not go on");
                tokio::time::sleep(PERIOD).await;
            }
        }
    }
}

/// How often a worker looks for what became due.
const PERIOD: Duration = Duration::from_secs(1);
