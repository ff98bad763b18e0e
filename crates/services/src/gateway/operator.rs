//! Calls that the operator of the host makes: as the root of an account, by no network.

use super::call::{Call, Progress};
use super::dispatch::{Routed, perform, recorded, rejected};
use super::{Refusal, Request};
use crate::app::App;
use crate::identity::Principal;
use crate::service::SERVICES;
use base::{AccountId, CommonError, RegionName};
use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};
use wire::Body;

/// For whom the operator calls, and by which command.
pub(crate) struct AsOperator<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a RegionName,
    /// The id of the command.
    pub(crate) request_id: &'a str,
}

impl App {
    /// Calls an operation of any service as the root of an account. SECURITY: for commands of the
    /// operator only, who may make root credentials.
    ///
    /// # Errors
    /// What a client would have been answered.
    pub(crate) async fn call_as_operator(
        &self,
        caller: &AsOperator<'_>,
        service: &str,
        operation: &str,
        parameters: &Value,
    ) -> Result<Body, Refusal> {
        let service = SERVICES.iter().find(|known| known.name == service).copied();
        let found = service.and_then(|service| Some((service, service.find(operation)?)));
        let unknown = || Refusal::front_end("UnknownOperationException", 404, None);
        let (service, entry) = found.ok_or_else(unknown)?;
        let body = serde_json::to_vec(parameters).map_err(|error| {
            let error = CommonError::internal(error);
            Refusal::common(service.common, &error)
        })?;
        let parsed = wire::parse(entry.info.input, &body);
        let routed = Routed {
            service,
            protocol: service.protocol,
            entry: Some(entry),
            name: entry.info.event_name.to_owned(),
            parsed: parsed.map_err(|rejection| rejected(service.protocol, &rejection)),
        };
        let request = nothing_sent();
        let mut call = Call::inside(self, &request, ADDRESS);
        caller.request_id.clone_into(&mut call.request_id);
        let mut progress = Progress::of(service, entry.info.event_name);
        progress.read_only = entry.info.read_only;
        progress.region = Some(caller.region);
        progress.principal = Some(Principal::root(caller.account.clone()));
        match perform(self, &call, routed, &mut progress).await {
            Ok(done) => Ok(done.body),
            Err(refusal) => Err(recorded(self, &call, service, &progress, refusal).await),
        }
    }
}

fn nothing_sent() -> Request {
    Request {
        method: Method::POST,
        path: String::from("/"),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        is_secure: true,
        endpoint: None,
    }
}

/// Stands for source address and user agent.
const ADDRESS: &str = "strongroom";
