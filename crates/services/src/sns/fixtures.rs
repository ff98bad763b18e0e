//! Records for tests.

use super::ids::TopicId;
use super::records::{Protocol, State, Subscription, Topic};
use crate::app::App;
use crate::authorize::Permit;
use crate::tx::Lines;
use base::{AccountId, RegionName, Timestamp};
use store::Record;

/// The name of the topic.
pub(super) fn id() -> TopicId {
    TopicId {
        account: AccountId::parse("123456789012").unwrap(),
        region: RegionName::parse("us-east-1").unwrap(),
        name: String::from("t"),
    }
}

/// One without a policy.
pub(super) fn topic() -> Topic {
    Topic {
        account: id().account,
        region: id().region,
        name: id().name,
        display_name: String::new(),
        policy: None,
        tags: Default::default(),
        created: Timestamp::from_millis(0),
    }
}

/// The one of this number, confirmed: raw for a URL, of a function otherwise.
pub(super) fn subscription(n: usize, protocol: Protocol) -> Subscription {
    let partition = id().region.partition();
    let is_url = matches!(protocol, Protocol::Https);
    Subscription {
        account: id().account,
        region: id().region,
        topic: id().name,
        id: format!("11111111-2222-4333-8444-{n:012}"),
        owner: id().account,
        principal: format!("arn:{partition}:iam::123456789012:root"),
        protocol,
        endpoint: match is_url {
            true => format!("https://hooks.example/{n:03}"),
            false => format!("arn:{partition}:lambda:us-east-1:123456789012:function:f{n:03}"),
        },
        state: State::Confirmed {
            authenticated: true,
            authenticate_on_unsubscribe: false,
        },
        is_raw: is_url,
        filter_policy: None,
        filters_body: false,
        created: Timestamp::from_millis(0),
    }
}

/// Stores new records.
pub(super) async fn store<R: Record>(app: &App, records: impl IntoIterator<Item = R>) {
    let mut tx = app.ledger.begin();
    for record in records {
        tx.insert(&Permit::of_tests(), record);
    }
    tx.commit(Lines::of(Vec::new())).await.unwrap();
}
