//! `UntagResource`: removes tags of a function.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UntagResource.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::lambda::error::Error;
use crate::lambda::model::Function;
use crate::lambda::shapes::{RESOURCE, TAG_KEYS};
use crate::lambda::target::Target;
use crate::operation::{Operation, RestNames};
use crate::tx::Reply;
use wire::rest::{Http, NoContent};

pub(crate) struct UntagResource;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "UntagResource20170331v2",
};

static HTTP: Http =
    Http::new("DELETE", "/2017-03-31/tags/{Resource}", 204).query(&[("TagKeys", "tagKeys")]);

wire::input! {
    /// What `UntagResource` takes.
    pub(crate) struct Input {
        resource: String = required audited "Resource" RESOURCE,
        tag_keys: Vec<String> = required audited "TagKeys" TAG_KEYS,
    }
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Input = Input;
    type Output = NoContent;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<NoContent>, Error> {
        let mut tx = cx.begin();
        let target = Target::tagged(cx, &mut tx, &input.resource).await?;
        let keys = Keys::none().tag_keys(input.tag_keys.iter().map(String::as_str));
        let permit = target.permit_with(cx, Action("lambda:UntagResource"), keys)?;

        let found = target.existing(&permit)?;
        let mut function = Function::clone(&found.record);
        function.tags.remove(&input.tag_keys);
        tx.update(&permit, function, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(NoContent))
    }
}
