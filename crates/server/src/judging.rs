//! Alarms, judged beside what brings their data.
//!
//! An account may have thousands of alarms on weeks of data. What follows the audit log does not wait for
//! them, and other accounts' alarms have their turn between.

use crate::error::chain;
use services::App;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Judges what is due. Never ends.
pub(crate) async fn run(app: &Arc<App>) {
    loop {
        match app.judge_alarms().await {
            Ok(true) => tokio::task::yield_now().await,
            Ok(false) => {
                let _ = timeout(PERIOD, app.alarms_nudged()).await;
            }
            Err(error) => {
                tracing::error!(error = chain(&error), "alarms are not judged");
                tokio::time::sleep(PERIOD).await;
            }
        }
    }
}

/// How often it is looked for alarms that a new minute may change.
const PERIOD: Duration = Duration::from_secs(5);
