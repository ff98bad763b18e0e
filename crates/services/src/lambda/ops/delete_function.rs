//! `DeleteFunction`: a function is no more, nor its code and its policy.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html>

use super::QUALIFIED;
use super::create_function::code_counter;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::lambda::error::Error;
use crate::lambda::model::Function;
use crate::lambda::records::FunctionCode;
use crate::lambda::shapes::{NAMESPACED_NAME, QUALIFIER};
use crate::lambda::target::Target;
use crate::operation::{Operation, RestNames};
use crate::tx::Reply;
use wire::rest::{Http, NoContent};

pub(crate) struct DeleteFunction;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "DeleteFunction20150331",
};

static HTTP: Http =
    Http::new("DELETE", "/2015-03-31/functions/{FunctionName}", 204).query(QUALIFIED);

wire::input! {
    /// What `DeleteFunction` takes.
    pub(crate) struct Input {
        name: String = required audited "FunctionName" NAMESPACED_NAME,
        qualifier: Option<String> = audited "Qualifier" QUALIFIER,
    }
}

impl Operation for DeleteFunction {
    const NAME: &'static str = "DeleteFunction";
    type Input = Input;
    type Output = NoContent;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<NoContent>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.name, input.qualifier.as_deref()).await?;
        let permit = target.permit(cx, Action("lambda:DeleteFunction"))?;

        let found = target.existing(&permit)?;
        if target.id().qualifier.is_some() {
            return Err(Error::InvalidParameter(LATEST_STAYS.to_owned()));
        }
        let function = &found.record;
        let key = Function::key_of(&function.account, &function.region, &function.name);
        if let Some(code) = tx.get::<FunctionCode>(&key).await? {
            let counter = code_counter(&function.account, &function.region);
            let size = i64::try_from(function.code_size).unwrap_or(i64::MAX);
            tx.count(&permit, &counter, -size, None);
            tx.delete::<FunctionCode>(&permit, &key, code.rev);
        }
        tx.delete::<Function>(&permit, &key, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(NoContent))
    }
}

const LATEST_STAYS: &str = "$LATEST version cannot be deleted without deleting the function.";
