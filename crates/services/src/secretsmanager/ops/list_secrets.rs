//! `ListSecrets`: the secrets of the caller's account in this Region.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>

use super::describe_secret::write_secret;
use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::listing::{FilterInput, Page, Selection};
use crate::secretsmanager::shapes::{BOOLEAN, MAX_RESULTS, NEXT_TOKEN, SORT_BY, SORT_ORDER};
use crate::tx::Reply;
use wire::{Input as _, Shape, json};

pub(crate) struct ListSecrets;

wire::input! {
    /// What `ListSecrets` takes.
    pub(crate) struct Input {
        include_planned_deletion: Option<bool> = audited "IncludePlannedDeletion" BOOLEAN,
        max_results: Option<i64> = audited "MaxResults" MAX_RESULTS,
        next_token: Option<String> = "NextToken" NEXT_TOKEN,
        filters: Option<Vec<FilterInput>> = audited "Filters" FILTERS,
        sort_order: Option<String> = audited "SortOrder" SORT_ORDER,
        sort_by: Option<String> = audited "SortBy" SORT_BY,
    }
}

/// A list of filters.
pub(super) const FILTERS: Shape = Shape::list(&FILTER, 0, 10);
const FILTER: Shape = Shape::structure(FilterInput::SHAPE);

pub(crate) struct Output(Page);

impl Operation for ListSecrets {
    const NAME: &'static str = "ListSecrets";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let resource = Resource::none(cx.account());
        let permit = cx.authorize(Action("secretsmanager:ListSecrets"), resource)?;

        let size = input
            .max_results
            .and_then(|size| usize::try_from(size).ok())
            .unwrap_or(DEFAULT_SIZE);
        let page = Selection::new(input.filters.as_deref().unwrap_or_default())?
            .including_deleted(input.include_planned_deletion.unwrap_or_default())
            .sorted_by(
                input.sort_by.as_deref(),
                input.sort_order.as_deref() == Some("desc"),
            )
            .page(cx, &mut tx, Self::NAME, size, input.next_token.as_deref())
            .await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(page)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("SecretList", &self.0.secrets, |secret, entry| {
            write_secret(entry, secret, "SecretVersionsToStages");
        });
        object.opt_text("NextToken", self.0.next.as_deref());
    }
}

const DEFAULT_SIZE: usize = 100;
