//! `TagResource`: sets tags of a function, keeping the others.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::lambda::error::Error;
use crate::lambda::model::Function;
use crate::lambda::shapes::{RESOURCE, TAGS};
use crate::lambda::tagging;
use crate::lambda::target::Target;
use crate::operation::{Operation, RestNames};
use crate::tx::Reply;
use std::collections::BTreeMap;
use wire::rest::{Http, NoContent};

pub(crate) struct TagResource;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "TagResource20170331v2",
};

static HTTP: Http = Http::new("POST", "/2017-03-31/tags/{Resource}", 204);

wire::input! {
    /// What `TagResource` takes.
    pub(crate) struct Input {
        resource: String = required audited "Resource" RESOURCE,
        tags: BTreeMap<String, String> = required audited "Tags" TAGS,
    }
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Input = Input;
    type Output = NoContent;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<NoContent>, Error> {
        let mut tx = cx.begin();
        let target = Target::tagged(cx, &mut tx, &input.resource).await?;
        let tags = input.tags.iter();
        let keys = Keys::none().tags(tags.map(|(key, value)| (key.as_str(), value.as_str())));
        let permit = target.permit_with(cx, Action("lambda:TagResource"), keys)?;

        let found = target.existing(&permit)?;
        let mut function = Function::clone(&found.record);
        tagging::set(&mut function.tags, &input.tags)?;
        tx.update(&permit, function, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(NoContent))
    }
}
