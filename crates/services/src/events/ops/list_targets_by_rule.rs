//! `ListTargetsByRule`: the targets of a rule.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html>

use super::page;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::records::{HttpParameters, Input as Told, Rule, Target};
use crate::events::shapes::{BUS, LIMIT, RULE_NAME, TOKEN};
use crate::events::target::Named;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json::{self, Object};

pub(crate) struct ListTargetsByRule;

wire::input! {
    /// What `ListTargetsByRule` takes.
    pub(crate) struct Input {
        rule: String = required audited "Rule" RULE_NAME,
        bus: Option<String> = audited "EventBusName" BUS,
        next: Option<String> = "NextToken" TOKEN,
        limit: Option<i64> = audited "Limit" LIMIT,
    }
}

pub(crate) struct Output {
    rule: Arc<Rule>,
    from: usize,
    size: usize,
    next: Option<String>,
}

impl Operation for ListTargetsByRule {
    const NAME: &'static str = "ListTargetsByRule";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let named = Named::find(cx, &mut tx, &input.rule).await?;
        let permit = named.permit(cx, Action("events:ListTargetsByRule"))?;

        let found = named.existing(cx, input.bus.as_deref(), &permit)?;
        let rule = Arc::clone(&found.record);
        let listing = Listing {
            operation: Self::NAME,
            question: &[input.rule.as_bytes()],
        };
        let from = match &input.next {
            Some(token) => {
                let after: String = listing.cursor(cx, token)?;
                let place = rule.targets.iter().position(|target| target.id == after);
                place.map_or(rule.targets.len(), |place| place + 1)
            }
            None => 0,
        };
        let size = page(input.limit);
        let mut shown = rule.targets.iter().skip(from).take(size);
        let last = shown
            .next_back()
            .filter(|_| rule.targets.len() > from + size);
        let next = last.map(|last| listing.token(cx, &last.id)).transpose()?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output {
            rule,
            from,
            size,
            next,
        }))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut Object<'_>) {
        let shown = self.rule.targets.iter().skip(self.from).take(self.size);
        object.objects("Targets", shown, |target, entry| write(entry, target));
        object.opt_text("NextToken", self.next.as_deref());
    }
}

fn write(entry: &mut Object<'_>, target: &Target) {
    entry.text("Id", &target.id);
    entry.text("Arn", &target.arn);
    match &target.input {
        Told::Event => {}
        Told::Constant(text) => entry.text("Input", text),
        Told::Path(path) => entry.text("InputPath", path),
        Told::Template { paths, template } => entry.object("InputTransformer", |transformer| {
            if !paths.is_empty() {
                transformer.object("InputPathsMap", |map| {
                    for (name, path) in paths {
                        map.text(name, path);
                    }
                });
            }
            transformer.text("InputTemplate", template);
        }),
    }
    if let Some(invoking) = &target.invoking {
        entry.text("RoleArn", &invoking.role);
        if let Some(parameters) = &invoking.parameters {
            entry.object("HttpParameters", |http| write_parameters(http, parameters));
        }
    }
    if target.retries.is_some() || target.seconds.is_some() {
        entry.object("RetryPolicy", |retry| {
            retry.opt_integer("MaximumRetryAttempts", target.retries.map(i64::from));
            retry.opt_integer("MaximumEventAgeInSeconds", target.seconds.map(i64::from));
        });
    }
}

fn write_parameters(http: &mut Object<'_>, parameters: &HttpParameters) {
    if !parameters.path.is_empty() {
        http.texts("PathParameterValues", &parameters.path);
    }
    for (name, pairs) in [
        ("HeaderParameters", &parameters.headers),
        ("QueryStringParameters", &parameters.query),
    ] {
        if !pairs.is_empty() {
            http.object(name, |map| {
                for (key, value) in pairs {
                    map.text(key, value);
                }
            });
        }
    }
}
