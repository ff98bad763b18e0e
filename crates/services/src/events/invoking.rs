//! API destinations, for what delivers messages to them.

use super::credentials;
use super::holding::by_arn;
use super::records::{ApiDestination, Connection};
use super::{request, roles};
use crate::app::App;
use crate::ports::{ApiDestinations, Composed, Invoked, NotSent, PortFuture};
use base::CommonError;

/// EventBridge, for what delivers its messages.
pub(crate) struct EventBridge;

impl ApiDestinations for EventBridge {
    fn compose<'a>(
        &'a self,
        app: &'a App,
        invoked: Invoked<'a>,
    ) -> PortFuture<'a, Result<Composed, NotSent>, CommonError> {
        Box::pin(compose(app, invoked))
    }
}

/// SECURITY: everything is looked at again for each request, so that what was taken away since the message
/// was made is not used: the role's leave, the destination, and what authorizes there.
async fn compose(
    app: &App,
    invoked: Invoked<'_>,
) -> Result<Result<Composed, NotSent>, CommonError> {
    let (account, region) = (invoked.account, invoked.region);
    let mut tx = app.ledger.begin_reading();
    if !roles::may_invoke(app, &mut tx, &invoked).await? {
        return Ok(Err(NotSent::for_good(NO_LEAVE)));
    }
    let found = by_arn::<ApiDestination>(&mut tx, account, region, invoked.arn);
    let Some(destination) = found.await? else {
        return Ok(Err(NotSent::for_good(NOT_THERE)));
    };
    let found = by_arn::<Connection>(&mut tx, account, region, &destination.connection);
    let Some(connection) = found.await? else {
        return Ok(Err(NotSent::for_good(INACTIVE)));
    };
    let Some(secrets) = credentials::open(app, &connection)? else {
        return Ok(Err(NotSent::for_good(INACTIVE)));
    };
    Ok(request::compose(
        &destination,
        &connection,
        &secrets,
        &invoked,
    ))
}

const NO_LEAVE: &str = "the role of the target may not invoke the API destination";
const NOT_THERE: &str = "the API destination is not there";
const INACTIVE: &str = "the connection of the API destination is not there, or authorizes no more";
