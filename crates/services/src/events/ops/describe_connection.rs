//! `DescribeConnection`: what a connection is like, but for its secrets.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeConnection.html>
//!
//! COMPAT: the secrets are in the connection's own record, so that there is no `SecretArn`.

use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::holding::{Held, Holding as _};
use crate::events::http_shapes::HOLDING_NAME;
use crate::events::records::{Authorization, Connection, Parameter, Place};
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json::{self, Object};

pub(crate) struct DescribeConnection;

wire::input! {
    /// What `DescribeConnection` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" HOLDING_NAME,
    }
}

pub(crate) struct Output(Arc<Connection>);

impl Operation for DescribeConnection {
    const NAME: &'static str = "DescribeConnection";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let held = Held::<Connection>::find(cx, &mut tx, &input.name).await?;
        let permit = held.permit(cx, Action("events:DescribeConnection"))?;

        let connection = Arc::clone(&held.existing(&permit)?.record);
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(connection)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut Object<'_>) {
        let connection = &self.0;
        write(object, connection);
        object.opt_text("Description", connection.description.as_deref());
        object.object("AuthParameters", |shown| {
            match &connection.authorization {
                Authorization::Basic { username } => shown.object("BasicAuthParameters", |basic| {
                    basic.text("Username", username);
                }),
                Authorization::ApiKey { name } => shown.object("ApiKeyAuthParameters", |key| {
                    key.text("ApiKeyName", name);
                }),
            }
            if let Some(parameters) = &connection.parameters {
                shown.object("InvocationHttpParameters", |http| {
                    write_parameters(http, parameters);
                });
            }
        });
    }
}

/// Writes what lists show of a connection too.
pub(super) fn write(object: &mut Object<'_>, connection: &Connection) {
    object.text("ConnectionArn", &connection.arn());
    object.text("Name", &connection.name);
    object.text("ConnectionState", connection.state());
    object.text("AuthorizationType", connection.authorization.name());
    object.timestamp("CreationTime", connection.created);
    object.timestamp("LastModifiedTime", connection.modified);
    object.timestamp("LastAuthorizedTime", connection.authorized);
}

/// SECURITY: a parameter that is a secret has no value here: the record does not have it in the clear.
fn write_parameters(http: &mut Object<'_>, parameters: &[Parameter]) {
    for (name, place) in [
        ("HeaderParameters", Place::Header),
        ("QueryStringParameters", Place::Query),
        ("BodyParameters", Place::Body),
    ] {
        let mut here = parameters
            .iter()
            .filter(|one| one.place == place)
            .peekable();
        if here.peek().is_none() {
            continue;
        }
        http.objects(name, here, |one, entry| {
            entry.text("Key", &one.key);
            entry.opt_text("Value", one.value.as_deref());
            entry.boolean("IsValueSecret", one.value.is_none());
        });
    }
}
