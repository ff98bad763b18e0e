//! What the operations answer that change a connection or an API destination.

use crate::cx::Event;
use crate::events::holding::Holding as _;
use crate::events::records::{ApiDestination, Connection};
use base::Timestamp;
use serde_json::json;
use wire::json::{self, Object};

/// What was changed, in which state it is, and when that was.
pub(crate) struct Changed {
    names: Names,
    arn: String,
    state: &'static str,
    created: Timestamp,
    modified: Timestamp,
    authorized: Option<Timestamp>,
}

/// What the members are called.
struct Names {
    arn: &'static str,
    state: &'static str,
    audited_arn: &'static str,
    audited_state: &'static str,
}

impl Changed {
    pub(super) fn of_new_connection(connection: &Connection) -> Self {
        Self {
            authorized: None,
            ..Self::of_connection(connection, connection.state())
        }
    }

    pub(super) fn of_connection(connection: &Connection, state: &'static str) -> Self {
        Self {
            names: OF_CONNECTION,
            arn: connection.arn(),
            state,
            created: connection.created,
            modified: connection.modified,
            authorized: Some(connection.authorized),
        }
    }

    pub(super) fn of_destination(destination: &ApiDestination, is_active: bool) -> Self {
        Self {
            names: OF_DESTINATION,
            arn: destination.arn(),
            state: state_of_destination(is_active),
            created: destination.created,
            modified: destination.modified,
            authorized: None,
        }
    }

    /// The same for the record.
    pub(super) fn tell<'a>(&self, event: Event<'a>) -> Event<'a> {
        event.responding(json!({
            self.names.audited_arn: self.arn,
            self.names.audited_state: self.state,
        }))
    }
}

impl json::Output for Changed {
    fn write(&self, object: &mut Object<'_>) {
        object.text(self.names.arn, &self.arn);
        object.text(self.names.state, self.state);
        object.timestamp("CreationTime", self.created);
        object.timestamp("LastModifiedTime", self.modified);
        object.opt_timestamp("LastAuthorizedTime", self.authorized);
    }
}

/// As AWS calls it.
pub(super) fn state_of_destination(is_active: bool) -> &'static str {
    match is_active {
        true => "ACTIVE",
        false => "INACTIVE",
    }
}

const OF_CONNECTION: Names = Names {
    arn: "ConnectionArn",
    state: "ConnectionState",
    audited_arn: "connectionArn",
    audited_state: "connectionState",
};
const OF_DESTINATION: Names = Names {
    arn: "ApiDestinationArn",
    state: "ApiDestinationState",
    audited_arn: "apiDestinationArn",
    audited_state: "apiDestinationState",
};
