//! Telling an entitled caller which statement refused it.

use super::call::{Call, Progress};
use super::refusal::Refusal;
use crate::authorize::{self, Action, Resource};
use crate::context::Keys;
use crate::service::Service;

/// The decision behind a denial, as JSON, for callers who may have it explained.
///
/// COMPAT: AWS has no such header; the body stays as AWS writes it. The permission is
/// `strongroom:ExplainDecision`. SECURITY: decisions about resources of other accounts are not
/// explained, as the policy that refused may be theirs.
pub(super) fn for_caller(
    call: &Call<'_>,
    service: &Service,
    progress: &Progress<'_>,
    refusal: &Refusal,
) -> Option<String> {
    if refusal.code() != service.common.access_denied.0 {
        return None;
    }
    let principal = progress.principal.as_ref()?;
    let decided = refusal.decided()?;
    if !decided.is_own {
        return None;
    }
    let facts = call.facts(progress);
    let resource = Resource::none(principal.account());
    let asked = authorize::allows(principal, &facts, EXPLAIN, &resource, &Keys::none());
    match asked {
        Ok(true) => serde_json::to_string(decided).ok(),
        Ok(false) | Err(_) => None,
    }
}

const EXPLAIN: Action = Action("strongroom:ExplainDecision");
