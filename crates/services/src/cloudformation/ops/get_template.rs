//! `GetTemplate`: the template of a stack or of a change set.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html>

use crate::authorize::{Action, Permit};
use crate::cloudformation::error::Error;
use crate::cloudformation::shapes::{CHANGE_SET, STAGE, TEXT};
use crate::cloudformation::target::{ChangeSetTarget, Target, with_id};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::{Reply, Tx};
use wire::xml;

pub(crate) struct GetTemplate;

wire::input! {
    /// What `GetTemplate` takes.
    pub(crate) struct Input {
        stack: Option<String> = audited "StackName" TEXT,
        change_set: Option<String> = audited "ChangeSetName" CHANGE_SET,
        stage: Option<String> = audited "TemplateStage" STAGE,
    }
}

pub(crate) struct Output(String);

impl Operation for GetTemplate {
    const NAME: &'static str = "GetTemplate";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let (permit, template) = input.template(cx, &mut tx).await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(template)))
    }
}

impl Input {
    async fn template(&self, cx: &Cx<'_>, tx: &mut Tx<'_>) -> Result<(Permit, String), Error> {
        if let Some(name) = &self.change_set {
            let target = ChangeSetTarget::find(cx, tx, name, self.stack.as_deref()).await?;
            let permit = target.permit(cx, GET)?;
            let (found, _) = target.existing(&permit)?;
            let template = found.record.definition.template.clone();
            return Ok((permit, template));
        }
        let Some(name) = &self.stack else {
            return Err(Error::Validation(NEITHER.to_owned()));
        };
        let target = Target::find(cx, tx, name).await?;
        let permit = target.permit(cx, GET)?;
        let found = target.existing(&permit, with_id(name))?;
        let template = found.record.definition.template.clone();
        if template.is_empty() {
            let text = format!("Stack {name} has no template until a change set is executed.");
            return Err(Error::Validation(text));
        }
        Ok((permit, template))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.text("TemplateBody", &self.0);
        result.texts("StagesAvailable", ["Original", "Processed"]);
    }
}

const GET: Action = Action("cloudformation:GetTemplate");
const NEITHER: &str = "Either StackName or ChangeSetName must be specified.";
