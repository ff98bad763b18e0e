//! `ListKeys`: the keys of an account in a Region, those of services among them.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::model::KmsKey;
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

pub(crate) struct Output {
    keys: Vec<Arc<KmsKey>>,
    next: Option<String>,
}

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
    let size = input.limit.and_then(|size| usize::try_from(size).ok());
    let size = size.unwrap_or(DEFAULT_SIZE);
    let mut query = Query::primary(size.saturating_add(1))
        .equal(cx.account())
        .equal(cx.region);
    if let Some(marker) = &input.marker {
        let after: String = listing.cursor(cx, marker)?;
        query = query.after(vec![Value::from(after)]);
    }
    // COMPAT: nobody shares keys by way of RAM here.
    if owners.is_some_and(|owners| owners.iter().all(|owner| owner != "SELF")) {
        query = query.with_limit(0);
    }
    let found = tx.query::<KmsKey>(&query).await?;
    let mut keys: Vec<_> = found.into_iter().map(|found| found.record).collect();
    let has_more = keys.len() > size;
    keys.truncate(size);
    let last = keys.last().filter(|_| has_more);
    let next = last.map(|last| listing.token(cx, &last.id)).transpose()?;
    Ok(Output { keys, next })
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("Keys", &self.keys, |key, entry| {
            entry.text("KeyId", &key.id);
            entry.text("KeyArn", &key.arn());
        });
        object.opt_text("NextMarker", self.next.as_deref());
        object.boolean("Truncated", self.next.is_some());
    }
}

const DEFAULT_SIZE: usize = 100;
