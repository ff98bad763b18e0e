//! `GetApplication`: what an application is, and which parameters it takes.
//!
//! <https://docs.aws.amazon.com/serverlessrepo/latest/devguide/applications-applicationid.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::{Operation, RestNames};
use crate::serverlessrepo::applications::{Application, Named, VERSION};
use crate::serverlessrepo::error::Error;
use crate::serverlessrepo::shapes::TEXT;
use crate::tx::Reply;
use serde_json::Value;
use wire::json;
use wire::rest::Http;

pub(crate) struct GetApplication;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "GetApplication",
};

static HTTP: Http = Http::new("GET", "/applications/{applicationId}", 200)
    .query(&[("semanticVersion", "semanticVersion")]);

wire::input! {
    /// What `GetApplication` takes.
    pub(crate) struct Input {
        application: String = required audited "applicationId" TEXT,
        version: Option<String> = audited "semanticVersion" TEXT,
    }
}

pub(crate) struct Output {
    arn: String,
    application: Application,
}

impl Operation for GetApplication {
    const NAME: &'static str = "GetApplication";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let named = Named::parse(cx, &input.application);
        let action = Action("serverlessrepo:GetApplication");
        let permit = cx.authorize(action, named.resource())?;

        let application = named.existing(&permit)?.clone();
        if let Some(version) = input.version.as_deref().filter(|it| *it != VERSION) {
            let text = format!("the application has no version `{version}`");
            return Err(Error::BadRequest(text));
        }
        let output = Output {
            arn: input.application.clone(),
            application,
        };
        let recorded = cx.begin().finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        let parameters = self.application.parameters();
        object.text("applicationId", &self.arn);
        object.text("author", "AWS");
        object.text("description", &self.application.description());
        object.boolean("isVerifiedAuthor", true);
        object.text("name", self.application.name());
        object.object("version", |version| {
            version.text("applicationId", &self.arn);
            version.boolean("resourcesSupported", true);
            version.text("semanticVersion", VERSION);
            version.texts(
                "requiredCapabilities",
                ["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"],
            );
            let declared = parameters.iter();
            version.objects("parameterDefinitions", declared, |(name, it), object| {
                let default = it.get("Default").and_then(Value::as_str);
                object.text("name", name);
                object.text("type", "String");
                object.opt_text("defaultValue", default);
                let description = it.get("Description").and_then(Value::as_str);
                object.opt_text("description", description);
                object.texts("referencedByResources", [self.application.name()]);
            });
        });
    }
}
