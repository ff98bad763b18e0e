//! `GetFunctionConfiguration`: a function without its code.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html>

use super::QUALIFIED;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::lambda::configuration::Shown;
use crate::lambda::error::Error;
use crate::lambda::shapes::{NAMESPACED_NAME, QUALIFIER};
use crate::lambda::target::Target;
use crate::operation::{Operation, RestNames};
use crate::tx::Reply;
use std::sync::Arc;
use wire::rest::Http;

pub(crate) struct GetFunctionConfiguration;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "GetFunctionConfiguration20150331v2",
};

static HTTP: Http = Http::new(
    "GET",
    "/2015-03-31/functions/{FunctionName}/configuration",
    200,
)
.query(QUALIFIED);

wire::input! {
    /// What `GetFunctionConfiguration` takes.
    pub(crate) struct Input {
        name: String = required audited "FunctionName" NAMESPACED_NAME,
        qualifier: Option<String> = audited "Qualifier" QUALIFIER,
    }
}

impl Operation for GetFunctionConfiguration {
    const NAME: &'static str = "GetFunctionConfiguration";
    type Input = Input;
    type Output = Shown;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Shown>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.name, input.qualifier.as_deref()).await?;
        let permit = target.permit(cx, Action("lambda:GetFunctionConfiguration"))?;

        let function = Arc::clone(&target.existing(&permit)?.record);
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Shown(function)))
    }
}
