//! The workers that deliver messages, beside the requests.
//!
//! A stop in the middle of a delivery loses nothing: the message is delivered when the server is back.

use crate::error::chain;
use crate::tasks::side_by_side;
use services::App;
use std::sync::Arc;
use std::time::Duration;

/// Delivers what is due, `workers` messages at a time. Never ends.
pub(crate) async fn run(app: &Arc<App>, workers: u16) {
    side_by_side((1..=workers).map(|number| work(app, number))).await;
}

async fn work(app: &App, number: u16) {
    let name = format!("messenger-{number}");
    loop {
        match app.deliver_next(&name).await {
            // There may be more; others are waiting on this thread.
            Ok(true) => tokio::task::yield_now().await,
            Ok(false) => tokio::time::sleep(PERIOD).await,
            Err(error) => {
                tracing::error!(error = chain(&error), "a message could not be delivered");
                tokio::time::sleep(PERIOD).await;
            }
        }
    }
}

/// How often a worker looks for what became due.
const PERIOD: Duration = Duration::from_millis(500);
