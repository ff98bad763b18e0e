//! Switching keys on and off.

use super::dues;
use super::error::Error;
use super::model::{KmsKey, State};
use super::target::Target;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::tx::Reply;
use serde_json::json;

/// Brings the key that `sent` names into `state`, unless it is going to be deleted.
///
/// # Errors
/// As the operations that do no more than this.
pub(crate) async fn switch(
    cx: &Cx<'_>,
    action: Action,
    sent: &str,
    state: State,
) -> Result<Reply<()>, Error> {
    let mut tx = cx.begin();
    let target = Target::to_manage(cx, &mut tx, sent).await?;
    let permit = target.permit(cx, &mut tx, action, &target.keys(cx)).await?;

    let found = target.lasting(&permit)?;
    let key = KmsKey {
        state,
        ..KmsKey::clone(&found.record)
    };
    let answered = json!({ "keyId": key.arn() });
    dues::save(&mut tx, &permit, key, found.rev).await?;
    let event = cx.event(&permit).responding(answered);
    let recorded = tx.commit(event).await?;

    Ok(recorded.reply(()))
}
