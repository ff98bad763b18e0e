//! `DescribeStackResources`: the resources of a stack, which may be named by one of them.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html>

use crate::authorize::Action;
use crate::cloudformation::error::Error;
use crate::cloudformation::model::{Stack, StackResource};
use crate::cloudformation::shapes::TEXT;
use crate::cloudformation::target::{Target, with_id};
use crate::cloudformation::view::write_resource;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::{Reply, Tx};
use std::sync::Arc;
use wire::xml;

pub(crate) struct DescribeStackResources;

wire::input! {
    /// What `DescribeStackResources` takes.
    pub(crate) struct Input {
        stack: Option<String> = audited "StackName" TEXT,
        logical_id: Option<String> = audited "LogicalResourceId" TEXT,
        physical_id: Option<String> = audited "PhysicalResourceId" TEXT,
    }
}

pub(crate) struct Output {
    stack: Arc<Stack>,
    resources: Vec<StackResource>,
}

impl Operation for DescribeStackResources {
    const NAME: &'static str = "DescribeStackResources";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let (target, sent) = input.find(cx, &mut tx).await?;
        let permit = target.permit(cx, Action("cloudformation:DescribeStackResources"))?;

        let stack = Arc::clone(&target.existing(&permit, with_id(&sent))?.record);
        let resources = stack.resources.iter().filter(|it| input.admits(it));
        let output = Output {
            resources: resources.cloned().collect(),
            stack,
        };
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

impl Input {
    /// The stack that is meant, and what the request calls it.
    async fn find(&self, cx: &Cx<'_>, tx: &mut Tx<'_>) -> Result<(Target, String), Error> {
        match (&self.stack, &self.physical_id) {
            (Some(stack), None) => Ok((Target::find(cx, tx, stack).await?, stack.clone())),
            (None, Some(physical_id)) => {
                let stack = stack_of(cx, tx, physical_id).await?;
                let name = stack.unwrap_or_else(|| physical_id.clone());
                let target = Target::find(cx, tx, &name).await?;
                Ok((target.among_all(cx), physical_id.clone()))
            }
            _ => Err(Error::Validation(ONE_OF_TWO.to_owned())),
        }
    }

    fn admits(&self, resource: &StackResource) -> bool {
        let named = self.logical_id.as_ref();
        named.is_none_or(|name| *name == resource.logical_id)
    }
}

/// The ARN of the stack that has the resource.
async fn stack_of(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    physical_id: &str,
) -> Result<Option<String>, Error> {
    let mut found = None;
    let live = Stack::live(cx.account(), cx.region);
    tx.every(live, |stack: Arc<Stack>| {
        let mut resources = stack.resources.iter();
        if resources.any(|it| it.physical_id == physical_id) {
            found = Some(stack.arn());
        }
    })
    .await?;
    Ok(found)
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.list("StackResources", &self.resources, |resource, element| {
            element.text("StackName", &self.stack.name);
            element.text("StackId", &self.stack.arn());
            write_resource(element, resource, "Timestamp");
        });
    }
}

const ONE_OF_TWO: &str = "Exactly one of StackName and PhysicalResourceId must be specified.";
