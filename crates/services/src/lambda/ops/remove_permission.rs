//! `RemovePermission`: one statement of a function's policy less.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_RemovePermission.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::lambda::error::Error;
use crate::lambda::model::Function;
use crate::lambda::permissions;
use crate::lambda::shapes::{NAMESPACED_NAME, NAMESPACED_STATEMENT_ID, QUALIFIER, TEXT};
use crate::lambda::target::{Target, check_revision};
use crate::operation::{Operation, RestNames};
use crate::tx::Reply;
use wire::rest::{Http, NoContent};

pub(crate) struct RemovePermission;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "RemovePermission20150331v2",
};

static HTTP: Http = Http::new(
    "DELETE",
    "/2015-03-31/functions/{FunctionName}/policy/{StatementId}",
    204,
)
.query(&[("Qualifier", "Qualifier"), ("RevisionId", "RevisionId")]);

wire::input! {
    /// What `RemovePermission` takes.
    pub(crate) struct Input {
        name: String = required audited "FunctionName" NAMESPACED_NAME,
        statement_id: String = required audited "StatementId" NAMESPACED_STATEMENT_ID,
        qualifier: Option<String> = audited "Qualifier" QUALIFIER,
        revision_id: Option<String> = audited "RevisionId" TEXT,
    }
}

impl Operation for RemovePermission {
    const NAME: &'static str = "RemovePermission";
    type Input = Input;
    type Output = NoContent;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<NoContent>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.name, input.qualifier.as_deref()).await?;
        let permit = target.permit(cx, Action("lambda:RemovePermission"))?;

        let found = target.existing(&permit)?;
        check_revision(&found.record, input.revision_id.as_deref())?;
        let mut function = Function::clone(&found.record);
        permissions::remove(&mut function, &input.statement_id)?;
        function.is_changed(cx.entropy(), found.record.modified);
        tx.update(&permit, function, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(NoContent))
    }
}
