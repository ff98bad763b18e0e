//! What native code in a run may do: call Strongroom as the function's role.

use super::EVENT_SOURCE;
use crate::app::App;
use crate::gateway::{Inside, Refusal};
use crate::identity::Session;
use crate::ports::{Api, ApiError, ApiFuture};
use base::{Plaintext, RegionName};
use std::sync::Arc;

/// The API as one session of a role sees it.
pub(super) struct RoleApi<'a> {
    pub(super) app: &'a App,
    pub(super) session: Arc<Session>,
    pub(super) region: &'a RegionName,
}

impl Api for RoleApi<'_> {
    fn call<'a>(&'a self, service: &'a str, operation: &'a str, body: Plaintext) -> ApiFuture<'a> {
        Box::pin(async move {
            let inside = Inside {
                session: Arc::clone(&self.session),
                region: self.region,
                address: EVENT_SOURCE,
            };
            let answer = self.app.call_inside(&inside, service, operation, body);
            match answer.await {
                Ok(body) => Ok(Plaintext::new(body.as_ref().to_vec())),
                Err(refusal) => Err(shown(&refusal)),
            }
        })
    }
}

fn shown(refusal: &Refusal) -> ApiError {
    ApiError {
        code: refusal.code().to_owned(),
        message: refusal.message().unwrap_or_default().to_owned(),
        status: refusal.status(),
    }
}
