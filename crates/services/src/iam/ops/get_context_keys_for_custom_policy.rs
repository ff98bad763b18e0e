//! `GetContextKeysForCustomPolicy`: the condition keys that policies of the request ask for.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::simulation::{POLICIES, Sources, add_given, context_keys};
use crate::operation::Operation;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct GetContextKeysForCustomPolicy;

wire::input! {
    /// What `GetContextKeysForCustomPolicy` takes.
    pub(crate) struct Input {
        policies: Vec<String> = required audited "PolicyInputList" POLICIES,
    }
}

pub(crate) struct Output(Vec<String>);

impl Operation for GetContextKeysForCustomPolicy {
    const NAME: &'static str = "GetContextKeysForCustomPolicy";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let resource = Resource::named(cx.account(), String::from("*"));
        let permit = cx.authorize(Action("iam:GetContextKeysForCustomPolicy"), resource)?;

        let mut sources = Sources::default();
        add_given(&mut sources, &input.policies)?;
        let keys = context_keys(&sources)?;
        let recorded = cx.begin().finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(keys)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.texts("ContextKeyNames", &self.0);
    }
}
