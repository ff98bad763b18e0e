//! `GetOpenIDConnectProvider`: an issuer whose tokens roles may trust.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::providers::ProviderTarget;
use crate::iam::shapes::ARN;
use crate::iam::view::write_tags;
use crate::identity::model::OidcProvider;
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;
use wire::xml;

pub(crate) struct GetOpenIdConnectProvider;

wire::input! {
    /// What `GetOpenIDConnectProvider` takes.
    pub(crate) struct Input {
        arn: String = required audited "OpenIDConnectProviderArn" ARN,
    }
}

pub(crate) struct Output(Arc<OidcProvider>);

impl Operation for GetOpenIdConnectProvider {
    const NAME: &'static str = "GetOpenIDConnectProvider";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = ProviderTarget::find(cx, &mut tx, &input.arn).await?;
        let permit = cx.authorize(Action("iam:GetOpenIDConnectProvider"), target.resource())?;

        let provider = target.existing(&permit)?.record.clone();
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(provider)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.text("Url", &self.0.url);
        result.texts("ClientIDList", &self.0.client_ids);
        result.texts("ThumbprintList", &self.0.thumbprints);
        result.timestamp("CreateDate", self.0.created);
        write_tags(result, &self.0.tags);
    }
}
