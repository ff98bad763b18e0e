//! Whether alarms tell of what happens.

use crate::authorize::Action;
use crate::cloudwatch::alarm_id::Target;
use crate::cloudwatch::error::Error;
use crate::cloudwatch::records::Alarm;
use crate::context::Keys;
use crate::cx::Cx;
use crate::tx::Reply;

/// Switches the actions of the alarms called `names` on or off. COMPAT: names that mean nothing are
/// passed over.
pub(super) async fn switch(
    cx: &Cx<'_>,
    action: Action,
    names: &[String],
    enabled: bool,
) -> Result<Reply<()>, Error> {
    let mut tx = cx.begin();
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    let mut permits = Vec::new();
    for name in &names {
        let target = Target::find(cx, &mut tx, name).await?;
        let permit = target.permit(cx, action, &Keys::none())?;
        permits.push((target, permit));
    }
    let Some((_, first)) = permits.first() else {
        return Err(Error::MissingParameter("AlarmNames"));
    };
    for (target, permit) in &permits {
        if let Some(found) = target.found(permit) {
            let switched = Alarm {
                actions_enabled: enabled,
                updated: cx.now(),
                ..Alarm::clone(&found.record)
            };
            tx.update(permit, switched, found.rev);
        }
    }
    let recorded = tx.commit(cx.event(first)).await?;

    Ok(recorded.reply(()))
}
