//! `ListFunctions`: the functions of an account in a Region, by name.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::lambda::configuration;
use crate::lambda::error::Error;
use crate::lambda::model::Function;
use crate::lambda::shapes::{FUNCTION_VERSION, MASTER_REGION, MAX_ITEMS, TEXT};
use crate::operation::{Operation, RestNames};
use crate::paging::Listing;
use crate::tx::Reply;
use std::sync::Arc;
use store::{Query, Value};
use wire::json;
use wire::rest::Http;

pub(crate) struct ListFunctions;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "ListFunctions20150331",
};

static HTTP: Http = Http::new("GET", "/2015-03-31/functions", 200).query(&[
    ("MasterRegion", "MasterRegion"),
    ("FunctionVersion", "FunctionVersion"),
    ("Marker", "Marker"),
    ("MaxItems", "MaxItems"),
]);

wire::input! {
    /// What `ListFunctions` takes.
    pub(crate) struct Input {
        master_region: Option<String> = audited "MasterRegion" MASTER_REGION,
        version: Option<String> = audited "FunctionVersion" FUNCTION_VERSION,
        marker: Option<String> = "Marker" TEXT,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

pub(crate) struct Output {
    functions: Vec<Arc<Function>>,
    next: Option<String>,
}

impl Operation for ListFunctions {
    const NAME: &'static str = "ListFunctions";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let anything = Resource::named(cx.account(), String::from("*"));
        let permit = cx.authorize(Action("lambda:ListFunctions"), anything)?;
        if input.master_region.is_some() {
            return Err(Error::unsupported("MasterRegion"));
        }

        let mut tx = cx.begin();
        let listing = Listing {
            operation: Self::NAME,
            question: &[],
        };
        // COMPAT: a page has 50 functions at most, whatever is asked for.
        let size = input.max_items.and_then(|most| usize::try_from(most).ok());
        let size = size.unwrap_or(LARGEST_PAGE).min(LARGEST_PAGE);
        let mut query = Query::primary(size + 1)
            .equal(cx.account())
            .equal(cx.region);
        if let Some(marker) = input.marker.as_deref().filter(|marker| !marker.is_empty()) {
            let after: String = listing.cursor(cx, marker)?;
            query = query.after(vec![Value::from(&after)]);
        }
        let found = tx.query::<Function>(&query).await?;
        let mut functions: Vec<_> = found.into_iter().map(|found| found.record).collect();
        let has_more = functions.len() > size;
        functions.truncate(size);
        let last = functions.last().filter(|_| has_more);
        let next = last.map(|last| listing.token(cx, &last.name)).transpose()?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { functions, next }))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("Functions", &self.functions, |function, entry| {
            configuration::write(entry, function);
        });
        object.opt_text("NextMarker", self.next.as_deref());
    }
}

const LARGEST_PAGE: usize = 50;
