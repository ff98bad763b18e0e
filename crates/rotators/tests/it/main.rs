//! The strategies, over Secrets Manager in memory and an endpoint that answers as it is told.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod api_key;
mod endpoint;
mod http;
mod place;
mod standing;

use base::Plaintext;
use strongroom_rotators::{Event, Step};

pub(crate) fn event(step: Step) -> Event {
    Event {
        secret_id: SECRET.to_owned(),
        token: "v2".to_owned(),
        rotation_token: Some(Plaintext::from("rotation-1".to_owned())),
        step,
    }
}

pub(crate) const SECRET: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app-a1b2c3";
