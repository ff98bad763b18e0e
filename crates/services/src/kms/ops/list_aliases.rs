//! `ListAliases`: the aliases of an account in a Region, or of one key of it, by name.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html>

use crate::authorize::{Action, Permit, Resource};
use crate::cx::Cx;
use crate::kms::aliases::Alias;
use crate::kms::error::Error;
use crate::kms::page::{Page, Part};
use crate::kms::shapes::{KEY_ID, LIMIT, MARKER};
use crate::kms::target::{self, Target};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::{Reply, Tx};
use std::sync::Arc;
use store::{Query, Value};
use wire::json;

pub(crate) struct ListAliases;

wire::input! {
    /// What `ListAliases` takes.
    pub(crate) struct Input {
        key_id: Option<String> = audited "KeyId" KEY_ID,
        limit: Option<i64> = audited "Limit" LIMIT,
        marker: Option<String> = "Marker" MARKER,
    }
}

pub(crate) struct Output(Page<Arc<Alias>>);

impl Operation for ListAliases {
    const NAME: &'static str = "ListAliases";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let anything = Resource::named(cx.account(), String::from("*"));
        let action = Action("kms:ListAliases");
        let permit = cx.authorize_with(action, anything, &target::of_caller(cx))?;

        let mut tx = cx.begin();
        let of_key = match &input.key_id {
            Some(sent) => Some(names_of(cx, &mut tx, &permit, sent).await?),
            None => None,
        };
        let page = page(cx, &mut tx, input, of_key).await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(page)))
    }
}

/// The names of a key, in order. Keys of other accounts are not there.
async fn names_of(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    sent: &str,
) -> Result<Vec<String>, Error> {
    let target = Target::by_key(cx, tx, sent).await?;
    if target.id().account != *cx.account() {
        return Err(Error::KeyNotFound(target.id().arn()));
    }
    let mut names = target.existing(permit)?.record.aliases.clone();
    names.sort_unstable();
    Ok(names)
}

/// The aliases after the request's marker.
async fn page(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    input: &Input,
    of_key: Option<Vec<String>>,
) -> Result<Page<Arc<Alias>>, Error> {
    let listing = Listing {
        operation: ListAliases::NAME,
        question: &[input.key_id.as_deref().unwrap_or_default().as_bytes()],
    };
    let marker = input.marker.as_deref();
    let part: Part<'_, String> = Part::of(cx, listing, input.limit, marker, USUAL_SIZE)?;
    let aliases = match of_key {
        Some(names) => named(cx, tx, &part, names).await?,
        None => every(cx, tx, &part).await?,
    };
    Ok(part.page(cx, aliases, |alias| alias.name.clone())?)
}

async fn named(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    part: &Part<'_, String>,
    names: Vec<String>,
) -> Result<Vec<Arc<Alias>>, Error> {
    let is_later = |name: &String| part.after.as_ref().is_none_or(|after| name > after);
    let mut aliases = Vec::new();
    for name in names.into_iter().filter(is_later).take(part.to_read()) {
        let key = Alias::key_of(cx.account(), cx.region, &name);
        aliases.extend(tx.get::<Alias>(&key).await?.map(|found| found.record));
    }
    Ok(aliases)
}

async fn every(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    part: &Part<'_, String>,
) -> Result<Vec<Arc<Alias>>, Error> {
    let mut query = Query::primary(part.to_read())
        .equal(cx.account())
        .equal(cx.region);
    if let Some(after) = &part.after {
        query = query.after(vec![Value::from(after)]);
    }
    let found = tx.query::<Alias>(&query).await?;
    Ok(found.into_iter().map(|found| found.record).collect())
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("Aliases", &self.0.items, |alias, entry| {
            entry.text("AliasName", &alias.name);
            entry.text("AliasArn", &alias.arn());
            entry.text("TargetKeyId", &alias.key_id);
            entry.opt_timestamp("CreationDate", alias.created);
            entry.opt_timestamp("LastUpdatedDate", alias.updated);
        });
        self.0.write_end(object);
    }
}

const USUAL_SIZE: usize = 50;
