//! `DescribeStackResource`: one resource of a stack.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html>

use crate::authorize::Action;
use crate::cloudformation::error::Error;
use crate::cloudformation::model::{Stack, StackResource};
use crate::cloudformation::shapes::TEXT;
use crate::cloudformation::target::Target;
use crate::cloudformation::view::write_resource;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;
use wire::xml;

pub(crate) struct DescribeStackResource;

wire::input! {
    /// What `DescribeStackResource` takes.
    pub(crate) struct Input {
        stack: String = required audited "StackName" TEXT,
        logical_id: String = required audited "LogicalResourceId" TEXT,
    }
}

pub(crate) struct Output {
    stack: Arc<Stack>,
    resource: StackResource,
}

impl Operation for DescribeStackResource {
    const NAME: &'static str = "DescribeStackResource";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.stack).await?;
        let permit = target.permit(cx, Action("cloudformation:DescribeStackResource"))?;

        let unknown = || format!("Stack '{}' does not exist", input.stack);
        let stack = Arc::clone(&target.existing(&permit, unknown)?.record);
        let mut resources = stack.resources.iter();
        let resource = resources.find(|it| it.logical_id == input.logical_id);
        let resource = resource.cloned().ok_or_else(|| Error::ResourceNotFound {
            resource: input.logical_id.clone(),
            stack: stack.name.clone(),
        })?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { stack, resource }))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.element("StackResourceDetail", |element| {
            element.text("StackName", &self.stack.name);
            element.text("StackId", &self.stack.arn());
            write_resource(element, &self.resource, "LastUpdatedTimestamp");
            element.text("Metadata", "{}");
        });
    }
}
