//! `ListKeys`: the keys of an account in a Region, those of services among them.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::model::KmsKey;
use crate::kms::page::{Page, Part};
use crate::kms::shapes::{LIMIT, MARKER, RESOURCE_OWNERS};
use crate::kms::target;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::{Reply, Tx};
use std::sync::Arc;
use store::{Query, Value};
use wire::json;

pub(crate) struct ListKeys;

wire::input! {
    /// What `ListKeys` takes.
    pub(crate) struct Input {
        limit: Option<i64> = audited "Limit" LIMIT,
        marker: Option<String> = "Marker" MARKER,
        resource_owners: Option<Vec<String>> = audited "ResourceOwners" RESOURCE_OWNERS,
    }
}

pub(crate) struct Output(Page<Arc<KmsKey>>);

impl Operation for ListKeys {
    const NAME: &'static str = "ListKeys";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let anything = Resource::named(cx.account(), String::from("*"));
        let action = Action("kms:ListKeys");
        let permit = cx.authorize_with(action, anything, &target::of_caller(cx))?;

        let mut tx = cx.begin();
        let output = page(cx, &mut tx, input).await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

/// The keys after the request's marker, by id.
async fn page(cx: &Cx<'_>, tx: &mut Tx<'_>, input: &Input) -> Result<Output, Error> {
    let owners = input.resource_owners.as_deref();
    let listing = Listing {
        operation: ListKeys::NAME,
        question: &[],
    };
    let marker = input.marker.as_deref();
    let part: Part<'_, String> = Part::of(cx, listing, input.limit, marker, USUAL_SIZE)?;
    let mut query = Query::primary(part.to_read())
        .equal(cx.account())
        .equal(cx.region);
    if let Some(after) = &part.after {
        query = query.after(vec![Value::from(after)]);
    }
    // COMPAT: nobody shares keys by way of RAM here.
    if owners.is_some_and(|owners| owners.iter().all(|owner| owner != "SELF")) {
        query = query.with_limit(0);
    }
    let found = tx.query::<KmsKey>(&query).await?;
    let keys: Vec<_> = found.into_iter().map(|found| found.record).collect();
    Ok(Output(part.page(cx, keys, |key| key.id.clone())?))
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("Keys", &self.0.items, |key, entry| {
            entry.text("KeyId", &key.id);
            entry.text("KeyArn", &key.arn());
        });
        self.0.write_end(object);
    }
}

const USUAL_SIZE: usize = 100;
