//! `ListRetirableGrants`: the grants that a principal of the caller's account may give back, on keys
//! of whatever account.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::grant_view::Grants;
use crate::kms::grants::{self, Grant};
use crate::kms::page::{Page, Part};
use crate::kms::shapes::{LIMIT, MARKER, PRINCIPAL, SERVICE_PRINCIPAL};
use crate::kms::{target, uses};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::{Reply, Tx};
use base::{AccountId, Arn};
use std::sync::Arc;
use store::Value;

pub(crate) struct ListRetirableGrants;

wire::input! {
    /// What `ListRetirableGrants` takes.
    pub(crate) struct Input {
        limit: Option<i64> = audited "Limit" LIMIT,
        marker: Option<String> = "Marker" MARKER,
        retiring_principal: Option<String> = audited "RetiringPrincipal" PRINCIPAL,
        retiring_service_principal: Option<String> =
            audited "RetiringServicePrincipal" SERVICE_PRINCIPAL,
    }
}

/// Account, key and id of a grant: where it is among those of one retiring principal.
type Place = (String, String, String);

impl Operation for ListRetirableGrants {
    const NAME: &'static str = "ListRetirableGrants";
    type Input = Input;
    type Output = Grants;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Grants>, Error> {
        let anything = Resource::named(cx.account(), String::from("*"));
        let action = Action("kms:ListRetirableGrants");
        let permit = cx.authorize_with(action, anything, &target::of_caller(cx))?;

        let retiring = input.retiring(cx)?;
        let mut tx = cx.begin();
        let page = page(cx, &mut tx, input, retiring).await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Grants(page)))
    }
}

/// The grants after the request's marker.
async fn page(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    input: &Input,
    retiring: &str,
) -> Result<Page<Arc<Grant>>, Error> {
    let listing = Listing {
        operation: ListRetirableGrants::NAME,
        question: &[retiring.as_bytes()],
    };
    let marker = input.marker.as_deref();
    let part: Part<'_, Place> = Part::of(cx, listing, input.limit, marker, USUAL_SIZE)?;
    let mut query = grants::retirable_by(retiring, cx.region, part.to_read());
    if let Some((account, key, id)) = &part.after {
        query = query.after([account, key, id].map(Value::from).to_vec());
    }
    let found = tx.query::<Grant>(&query).await?;
    let found = found.into_iter().map(|found| found.record).collect();
    Ok(part.page(cx, found, |grant: &Arc<Grant>| {
        let account = grant.account.as_str().to_owned();
        (account, grant.key_id.clone(), grant.id.clone())
    })?)
}

impl Input {
    /// Whose grants are asked for.
    ///
    /// SECURITY: principals of other accounts are none of the caller's concern.
    fn retiring(&self, cx: &Cx<'_>) -> Result<&str, Error> {
        if self.retiring_service_principal.is_some() {
            return Err(uses::unsupported("RetiringServicePrincipal"));
        }
        let Some(sent) = &self.retiring_principal else {
            return Err(Error::Validation(NOBODY.to_owned()));
        };
        let account = Arn::parse(sent)
            .ok()
            .and_then(|arn| AccountId::parse(&arn.account).ok());
        match account {
            Some(account) if account == *cx.account() => Ok(sent),
            _ => Err(Error::InvalidArn(format!(
                "ARN does not refer to a valid principal: {sent}"
            ))),
        }
    }
}

const USUAL_SIZE: usize = 50;
const NOBODY: &str = "You must specify a RetiringPrincipal.";
