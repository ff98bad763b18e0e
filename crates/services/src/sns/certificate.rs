//! The certificate that verifies messages, which anybody may have.

use super::records::SigningKey;
use super::signing::id_of;
use crate::app::App;
use base::CommonError;

/// The certificate (PEM) at the path `path` of this server. `None`: no certificate is there.
///
/// # Errors
/// When the store fails.
pub(crate) async fn certificate_at(app: &App, path: &str) -> Result<Option<String>, CommonError> {
    let Some(id) = path.strip_prefix('/').and_then(id_of) else {
        return Ok(None);
    };
    let mut tx = app.ledger.begin_reading();
    let found = tx.get::<SigningKey>(&SigningKey::current()).await?;
    let key = found.filter(|found| found.record.id == id);
    Ok(key.map(|found| found.record.certificate.clone()))
}
