//! `ListGrants`: the grants on a key, by id.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::grant_view::Grants;
use crate::kms::grants::{self, Grant};
use crate::kms::model::KmsKey;
use crate::kms::page::{Page, Part};
use crate::kms::shapes::{GRANT_ID, KEY_ID, LIMIT, MARKER, PRINCIPAL, SERVICE_PRINCIPAL};
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::{Reply, Tx};
use std::sync::Arc;
use store::Value;

pub(crate) struct ListGrants;

wire::input! {
    /// What `ListGrants` takes.
    pub(crate) struct Input {
        limit: Option<i64> = audited "Limit" LIMIT,
        marker: Option<String> = "Marker" MARKER,
        key_id: String = required audited "KeyId" KEY_ID,
        grant_id: Option<String> = audited "GrantId" GRANT_ID,
        grantee_principal: Option<String> = audited "GranteePrincipal" PRINCIPAL,
        grantee_service_principal: Option<String> =
            audited "GranteeServicePrincipal" SERVICE_PRINCIPAL,
    }
}

impl Operation for ListGrants {
    const NAME: &'static str = "ListGrants";
    type Input = Input;
    type Output = Grants;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Grants>, Error> {
        let mut tx = cx.begin();
        let target = Target::by_key(cx, &mut tx, &input.key_id).await?;
        let via_service = Some(cx.facts.via.is_some());
        let keys = target
            .keys(cx)
            .flag("kms:grantisforawsresource", via_service);
        let action = Action("kms:ListGrants");
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        let key = &target.existing(&permit)?.record;
        if let Some(id) = &input.grant_id {
            grants::check_id(id)?;
        }
        let page = input.page(cx, &mut tx, key).await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Grants(page)))
    }
}

impl Input {
    /// The grants after the request's marker.
    async fn page(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        key: &KmsKey,
    ) -> Result<Page<Arc<Grant>>, Error> {
        let filters = [&self.grant_id, &self.grantee_principal];
        let [id, grantee] = filters.map(|filter| filter.as_deref().unwrap_or_default().as_bytes());
        let listing = Listing {
            operation: ListGrants::NAME,
            question: &[
                key.account.as_str().as_bytes(),
                key.id.as_bytes(),
                id,
                grantee,
            ],
        };
        let marker = self.marker.as_deref();
        let part: Part<'_, String> = Part::of(cx, listing, self.limit, marker, USUAL_SIZE)?;
        let mut found = match &self.grant_id {
            Some(id) => tx
                .get::<Grant>(&Grant::key_of(key, id))
                .await?
                .into_iter()
                .collect(),
            None => {
                let mut query = match &self.grantee_principal {
                    Some(grantee) => grants::to(key, grantee, part.to_read()),
                    None => grants::on(key, part.to_read()),
                };
                if let Some(after) = &part.after {
                    query = query.after(vec![Value::from(after)]);
                }
                tx.query::<Grant>(&query).await?
            }
        };
        found.retain(|grant| self.wants(&grant.record));
        let found = found.into_iter().map(|found| found.record).collect();
        Ok(part.page(cx, found, |grant| grant.id.clone())?)
    }

    fn wants(&self, grant: &Grant) -> bool {
        let grantee = self.grantee_principal.as_ref();
        // COMPAT: no grant here is of a service of AWS.
        grantee.is_none_or(|wanted| *wanted == grant.grantee)
            && self.grantee_service_principal.is_none()
    }
}

const USUAL_SIZE: usize = 50;
