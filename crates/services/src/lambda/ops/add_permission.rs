//! `AddPermission`: one more statement of a function's policy.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>

use super::QUALIFIED;
use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::lambda::error::Error;
use crate::lambda::model::Function;
use crate::lambda::permissions::{self, Permission};
use crate::lambda::shapes::{
    ACTION, BOOLEAN, EVENT_SOURCE_TOKEN, NAMESPACED_NAME, ORGANIZATION, PRINCIPAL, QUALIFIER,
    SOURCE_ACCOUNT, SOURCE_ARN, STATEMENT_ID, TEXT, URL_AUTH,
};
use crate::lambda::target::{Target, check_revision};
use crate::operation::{Operation, RestNames};
use crate::tx::Reply;
use serde_json::Value;
use wire::json;
use wire::rest::Http;

pub(crate) struct AddPermission;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "AddPermission20150331v2",
};

static HTTP: Http =
    Http::new("POST", "/2015-03-31/functions/{FunctionName}/policy", 201).query(QUALIFIED);

wire::input! {
    /// What `AddPermission` takes.
    pub(crate) struct Input {
        name: String = required audited "FunctionName" NAMESPACED_NAME,
        statement_id: String = required audited "StatementId" STATEMENT_ID,
        action: String = required audited "Action" ACTION,
        principal: String = required audited "Principal" PRINCIPAL,
        source_arn: Option<String> = audited "SourceArn" SOURCE_ARN,
        url_auth: Option<String> = audited "FunctionUrlAuthType" URL_AUTH,
        via_url: Option<bool> = audited "InvokedViaFunctionUrl" BOOLEAN,
        source_account: Option<String> = audited "SourceAccount" SOURCE_ACCOUNT,
        event_source_token: Option<String> = "EventSourceToken" EVENT_SOURCE_TOKEN,
        qualifier: Option<String> = audited "Qualifier" QUALIFIER,
        revision_id: Option<String> = audited "RevisionId" TEXT,
        organization: Option<String> = audited "PrincipalOrgID" ORGANIZATION,
    }
}

pub(crate) struct Output(Value);

impl Operation for AddPermission {
    const NAME: &'static str = "AddPermission";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.name, input.qualifier.as_deref()).await?;
        let keys = Keys::none().text("lambda:principal", input.principal.as_str());
        let permit = target.permit_with(cx, Action("lambda:AddPermission"), keys)?;

        let found = target.existing(&permit)?;
        if target.id().qualifier.is_some() {
            return Err(Error::InvalidParameter(NOT_FOR_LATEST.to_owned()));
        }
        input.check()?;
        check_revision(&found.record, input.revision_id.as_deref())?;
        let mut function = Function::clone(&found.record);
        let statement = permissions::add(&mut tx, &mut function, &input.permission()).await?;
        function.is_changed(cx.entropy(), found.record.modified);
        tx.update(&permit, function, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(statement)))
    }
}

impl Input {
    /// COMPAT: there are no URLs of functions, and no organizations.
    fn check(&self) -> Result<(), Error> {
        if self.url_auth.is_some() || self.via_url.is_some() {
            return Err(Error::unsupported("FunctionUrlAuthType"));
        }
        if self.organization.is_some() {
            return Err(Error::unsupported("PrincipalOrgID"));
        }
        Ok(())
    }

    fn permission(&self) -> Permission<'_> {
        Permission {
            statement_id: &self.statement_id,
            action: &self.action,
            principal: &self.principal,
            source_arn: self.source_arn.as_deref(),
            source_account: self.source_account.as_deref(),
            event_source_token: self.event_source_token.as_deref(),
        }
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("Statement", &self.0.to_string());
    }
}

pub(super) const NOT_FOR_LATEST: &str = "We currently do not support adding policies for $LATEST.";
