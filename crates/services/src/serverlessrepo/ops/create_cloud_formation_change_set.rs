//! `CreateCloudFormationChangeSet`: proposes a stack that deploys an application.
//!
//! <https://docs.aws.amazon.com/serverlessrepo/latest/devguide/applications-applicationid-changesets.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::{Operation, RestNames};
use crate::ports::Proposal;
use crate::serverlessrepo::EVENT_SOURCE;
use crate::serverlessrepo::applications::{Named, VERSION};
use crate::serverlessrepo::error::Error;
use crate::serverlessrepo::shapes::{
    PARAMETERS, Parameter, ROLLBACK, RollbackInput, TAGS, TEXT, TEXTS, Tag,
};
use crate::tags::Tags;
use crate::tx::Reply;
use serde_json::Value;
use wire::json;
use wire::rest::Http;

pub(crate) struct CreateCloudFormationChangeSet;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "CreateCloudFormationChangeSet",
};

static HTTP: Http = Http::new("POST", "/applications/{applicationId}/changesets", 201);

wire::input! {
    /// What `CreateCloudFormationChangeSet` takes.
    pub(crate) struct Input {
        application: String = required audited "applicationId" TEXT,
        capabilities: Option<Vec<String>> = audited "capabilities" TEXTS,
        change_set: Option<String> = audited "changeSetName" TEXT,
        client_token: Option<String> = audited "clientToken" TEXT,
        description: Option<String> = audited "description" TEXT,
        notification_arns: Option<Vec<String>> = audited "notificationArns" TEXTS,
        parameters: Option<Vec<Parameter>> = audited "parameterOverrides" PARAMETERS,
        resource_types: Option<Vec<String>> = audited "resourceTypes" TEXTS,
        rollback: Option<RollbackInput> = audited "rollbackConfiguration" ROLLBACK,
        version: Option<String> = audited "semanticVersion" TEXT,
        stack: String = required audited "stackName" TEXT,
        tags: Option<Vec<Tag>> = audited "tags" TAGS,
        template: Option<String> = audited "templateId" TEXT,
    }
}

pub(crate) struct Output {
    application: String,
    change_set: String,
    stack: String,
}

impl Operation for CreateCloudFormationChangeSet {
    const NAME: &'static str = "CreateCloudFormationChangeSet";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let named = Named::parse(cx, &input.application);
        let action = Action("serverlessrepo:CreateCloudFormationChangeSet");
        let permit = cx.authorize(action, named.resource())?;

        let application = named.existing(&permit)?;
        input.check()?;
        let stack = format!("{PREFIX}{}", input.stack);
        let given = input.given();
        let template = application.template(|| cx.app.lambda.python(), &given)?;
        let proposal = input.proposal(template, given, &stack)?;
        let proposed = cx.app.stacks.propose(cx, &mut tx, proposal).await?;
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output {
            application: input.application.clone(),
            change_set: proposed.change_set,
            stack: proposed.stack,
        }))
    }
}

impl Input {
    /// COMPAT: an application has one version, and alarms do not roll stacks back here.
    fn check(&self) -> Result<(), Error> {
        let refuse = |text: String| Err(Error::BadRequest(text));
        if let Some(version) = self.version.as_deref().filter(|it| *it != VERSION) {
            return refuse(format!("the application has no version `{version}`"));
        }
        if self.template.is_some() {
            return refuse(not_here("TemplateId"));
        }
        if let Some(rollback) = &self.rollback
            && (rollback.minutes.is_some_and(|minutes| minutes > 0)
                || rollback.triggers.as_ref().is_some_and(|it| !it.is_empty()))
        {
            return refuse(not_here("RollbackConfiguration"));
        }
        Ok(())
    }

    fn given(&self) -> Vec<(String, String)> {
        let parameters = self.parameters.iter().flatten();
        parameters
            .map(|parameter| (parameter.name.clone(), parameter.value.clone()))
            .collect()
    }

    fn proposal<'a>(
        &'a self,
        template: Value,
        given: Vec<(String, String)>,
        stack: &'a str,
    ) -> Result<Proposal<'a>, Error> {
        let own = [
            ("serverlessrepo:applicationId", self.application.as_str()),
            ("serverlessrepo:semanticVersion", VERSION),
        ];
        let own = own.map(|(key, value)| (Some(key.to_owned()), value.to_owned()));
        let given_tags = self.tags.iter().flatten();
        let given_tags = given_tags.map(|tag| (Some(tag.key.clone()), tag.value.clone()));
        let mut tags = Tags::default();
        tags.set(own.into_iter().chain(given_tags))?;
        Ok(Proposal {
            by: EVENT_SOURCE,
            stack,
            change_set: self.change_set.as_deref(),
            description: self.description.as_deref(),
            template,
            parameters: given,
            capabilities: self.capabilities.clone().unwrap_or_default(),
            notification_arns: self.notification_arns.clone().unwrap_or_default(),
            tags,
        })
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("applicationId", &self.application);
        object.text("changeSetId", &self.change_set);
        object.text("semanticVersion", VERSION);
        object.text("stackId", &self.stack);
    }
}

fn not_here(what: &str) -> String {
    format!("{what} is not supported by this server yet.")
}

/// What stands before the name of a stack that the repository proposes.
const PREFIX: &str = "serverlessrepo-";
