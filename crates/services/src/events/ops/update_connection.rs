//! `UpdateConnection`: changes what authorizes at the endpoints of API destinations.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateConnection.html>
//!
//! COMPAT: what is not given stays as it is.

use super::changed::Changed;
use super::create_connection::refuse_unbuilt;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::authorization::{self, Given};
use crate::events::credentials;
use crate::events::error::Error;
use crate::events::holding::{Held, Holding as _};
use crate::events::http_shapes::{
    ABSENT, AUTHORIZATION_TYPE, Absent, CHANGED_AUTHORIZATION, ChangedAuthorization, HOLDING_NAME,
    KMS_KEY, LINE,
};
use crate::events::records::Connection;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UpdateConnection;

wire::input! {
    /// What `UpdateConnection` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" HOLDING_NAME,
        description: Option<String> = audited "Description" LINE,
        kind: Option<String> = audited "AuthorizationType" AUTHORIZATION_TYPE,
        parameters: Option<ChangedAuthorization> = "AuthParameters" CHANGED_AUTHORIZATION,
        connectivity: Option<Absent> = "InvocationConnectivityParameters" ABSENT,
        key: Option<String> = audited "KmsKeyIdentifier" KMS_KEY,
    }
}

impl Operation for UpdateConnection {
    const NAME: &'static str = "UpdateConnection";
    type Input = Input;
    type Output = Changed;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Changed>, Error> {
        let mut tx = cx.begin();
        let held = Held::<Connection>::find(cx, &mut tx, &input.name).await?;
        let permit = held.permit(cx, Action("events:UpdateConnection"))?;

        let found = held.existing(&permit)?;
        refuse_unbuilt(input.connectivity.as_ref(), input.key.as_deref())?;
        let mut connection = Connection::clone(&found.record);
        if input.kind.is_some() || input.parameters.is_some() {
            input.authorize(cx, &mut connection)?;
        }
        if let Some(description) = &input.description {
            connection.description = Some(description.clone());
        }
        connection.modified = cx.now();
        let changed = Changed::of_connection(&connection, connection.state());
        tx.update(&permit, connection, found.rev);
        let recorded = tx.commit(changed.tell(cx.event(&permit))).await?;

        Ok(recorded.reply(changed))
    }
}

impl Input {
    fn authorize(&self, cx: &Cx<'_>, connection: &mut Connection) -> Result<(), Error> {
        let secrets = credentials::open(cx.app, connection)?;
        let given = self
            .parameters
            .as_ref()
            .map(Given::from)
            .unwrap_or_default();
        let kind = self.kind.as_deref();
        let kind = kind.unwrap_or_else(|| connection.authorization.name());
        let had = secrets.as_ref().map(|secrets| (&*connection, secrets));
        let agreed = authorization::agree(kind, &given, had)?;
        let sealed =
            credentials::seal(cx.app, &connection.arn(), agreed.credential, &agreed.values)?;
        let (authorization, parameters) = (agreed.authorization, agreed.parameters);
        connection.authorization = authorization;
        connection.parameters = parameters;
        connection.sealed = Some(sealed);
        connection.authorized = cx.now();
        Ok(())
    }
}
