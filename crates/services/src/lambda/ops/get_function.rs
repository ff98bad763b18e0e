//! `GetFunction`: a function, its tags, and what it is made of.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html>
//!
//! COMPAT: a zip file has no `Location` from which it could be had again.

use super::QUALIFIED;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::lambda::configuration;
use crate::lambda::error::Error;
use crate::lambda::model::Function;
use crate::lambda::shapes::{NAMESPACED_NAME, QUALIFIER};
use crate::lambda::tagging;
use crate::lambda::target::Target;
use crate::operation::{Operation, RestNames};
use crate::tx::Reply;
use std::sync::Arc;
use wire::json;
use wire::rest::Http;

pub(crate) struct GetFunction;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "GetFunction20150331v2",
};

static HTTP: Http = Http::new("GET", "/2015-03-31/functions/{FunctionName}", 200).query(QUALIFIED);

wire::input! {
    /// What `GetFunction` takes.
    pub(crate) struct Input {
        name: String = required audited "FunctionName" NAMESPACED_NAME,
        qualifier: Option<String> = audited "Qualifier" QUALIFIER,
    }
}

pub(crate) struct Output(Arc<Function>);

impl Operation for GetFunction {
    const NAME: &'static str = "GetFunction";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.name, input.qualifier.as_deref()).await?;
        let permit = target.permit(cx, Action("lambda:GetFunction"))?;

        let function = Arc::clone(&target.existing(&permit)?.record);
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(function)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        let function = &self.0;
        object.object("Configuration", |configuration| {
            configuration::write(configuration, function);
        });
        let image = function.form.image_uri();
        object.object("Code", |code| {
            code.text("RepositoryType", if image.is_some() { "ECR" } else { "S3" });
            code.opt_text("ImageUri", image.as_deref());
            code.opt_text("ResolvedImageUri", image.as_deref());
        });
        if function.tags.iter().next().is_some() {
            tagging::write(object, &function.tags);
        }
    }
}
