//! `CreateConnection`: keeps what authorizes at the endpoints of API destinations.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateConnection.html>

use super::changed::Changed;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::authorization::{self, Given};
use crate::events::credentials;
use crate::events::error::Error;
use crate::events::holding::{Held, Holding as _, arn, counter};
use crate::events::http_shapes::{
    ABSENT, AUTHORIZATION_TYPE, Absent, HOLDING_NAME, KMS_KEY, LINE, NEW_AUTHORIZATION,
    NewAuthorization,
};
use crate::events::records::Connection;
use crate::operation::Operation;
use crate::tx::Reply;
use base::random_uuid;

pub(crate) struct CreateConnection;

wire::input! {
    /// What `CreateConnection` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" HOLDING_NAME,
        description: Option<String> = audited "Description" LINE,
        kind: String = required audited "AuthorizationType" AUTHORIZATION_TYPE,
        parameters: NewAuthorization = required "AuthParameters" NEW_AUTHORIZATION,
        connectivity: Option<Absent> = "InvocationConnectivityParameters" ABSENT,
        key: Option<String> = audited "KmsKeyIdentifier" KMS_KEY,
    }
}

impl Operation for CreateConnection {
    const NAME: &'static str = "CreateConnection";
    type Input = Input;
    type Output = Changed;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Changed>, Error> {
        let mut tx = cx.begin();
        let held = Held::<Connection>::find(cx, &mut tx, &input.name).await?;
        let id = random_uuid(cx.entropy());
        let permit = held.permit_as(cx, Action("events:CreateConnection"), &id)?;

        held.absent(&permit)?;
        refuse_unbuilt(input.connectivity.as_ref(), input.key.as_deref())?;
        let given = Given::from(&input.parameters);
        let agreed = authorization::agree(&input.kind, &given, None)?;
        let own = arn::<Connection>(cx.account(), cx.region, &input.name, &id);
        let connection = Connection {
            account: cx.account().clone(),
            region: cx.region.clone(),
            name: input.name.clone(),
            id,
            description: input.description.clone(),
            sealed: Some(credentials::seal(
                cx.app,
                &own,
                agreed.credential,
                &agreed.values,
            )?),
            authorization: agreed.authorization,
            parameters: agreed.parameters,
            created: cx.now(),
            modified: cx.now(),
            authorized: cx.now(),
        };
        let changed = Changed::of_new_connection(&connection);
        let counter = counter::<Connection>(cx.account(), cx.region);
        tx.count(&permit, &counter, 1, Some(i64::from(Connection::MOST)));
        tx.insert(&permit, connection);
        let recorded = tx.commit(changed.tell(cx.event(&permit))).await?;

        Ok(recorded.reply(changed))
    }
}

/// Refuses what AWS has for connections and this server has not.
///
/// # Errors
/// [`Error::Validation`].
pub(super) fn refuse_unbuilt(
    connectivity: Option<&Absent>,
    key: Option<&str>,
) -> Result<(), Error> {
    if connectivity.is_some() {
        return Err(Error::unsupported("InvocationConnectivityParameters"));
    }
    match key.filter(|key| !key.is_empty()) {
        Some(_) => Err(Error::unsupported("KmsKeyIdentifier")),
        None => Ok(()),
    }
}
