//! Rotates secrets: one that is due at a time, by as many workers as call.
//!
//! A function of what is stored: see `rotation/turns.rs`.

use crate::app::App;
use crate::authorize::Permit;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::rotation::turns;

/// Does one rotation that is due, and gives whether there was one.
///
/// # Errors
/// When the store or the audit log fails.
pub(crate) async fn rotate_next(app: &App, permit: &Permit, worker: &str) -> Result<bool, Error> {
    turns::work_on_next(app, permit, worker).await
}
