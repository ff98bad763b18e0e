//! `ListTags`: the tags of a function.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_ListTags.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::lambda::error::Error;
use crate::lambda::shapes::RESOURCE;
use crate::lambda::tagging;
use crate::lambda::target::Target;
use crate::operation::{Operation, RestNames};
use crate::tags::Tags;
use crate::tx::Reply;
use wire::json;
use wire::rest::Http;

pub(crate) struct ListTags;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "ListTags20170331",
};

static HTTP: Http = Http::new("GET", "/2017-03-31/tags/{Resource}", 200);

wire::input! {
    /// What `ListTags` takes.
    pub(crate) struct Input {
        resource: String = required audited "Resource" RESOURCE,
    }
}

pub(crate) struct Output(Tags);

impl Operation for ListTags {
    const NAME: &'static str = "ListTags";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::tagged(cx, &mut tx, &input.resource).await?;
        let permit = target.permit(cx, Action("lambda:ListTags"))?;

        let tags = target.existing(&permit)?.record.tags.clone();
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(tags)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        tagging::write(object, &self.0);
    }
}
