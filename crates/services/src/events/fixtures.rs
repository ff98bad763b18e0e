//! Records for tests.

use super::holding::Holding as _;
use super::records::{ApiDestination, Authorization, Connection, Method, Parameter, Place};
use base::{AccountId, RegionName, Timestamp};

fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

fn region() -> RegionName {
    RegionName::parse("eu-central-1").unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_768_478_400_123).plus_seconds(seconds)
}

/// With a parameter in every place, two of which are secrets.
pub(super) fn a_connection() -> Connection {
    let parameter = |place, key: &str, value: Option<&str>| Parameter {
        place,
        key: key.to_owned(),
        value: value.map(str::to_owned),
    };
    Connection {
        account: account(),
        region: region(),
        name: String::from("hooks"),
        id: String::from("11111111-2222-4333-8444-555555555555"),
        description: Some(String::from("of the pager")),
        authorization: Authorization::Basic {
            username: String::from("ana"),
        },
        parameters: Some(vec![
            parameter(Place::Header, "X-Team", Some("blue")),
            parameter(Place::Query, "key", None),
            parameter(Place::Body, "token", None),
        ]),
        sealed: Some(vec![1, 2, 3]),
        created: at(0),
        modified: at(60),
        authorized: at(30),
    }
}

pub(super) fn an_api_destination() -> ApiDestination {
    ApiDestination {
        account: account(),
        region: region(),
        name: String::from("pager"),
        id: String::from("66666666-7777-4888-8999-000000000000"),
        description: None,
        connection: a_connection().arn(),
        endpoint: String::from("https://hooks.example/in/*"),
        method: Method::Post,
        per_second: 300,
        created: at(0),
        modified: at(60),
    }
}
