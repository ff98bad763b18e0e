//! `ListOpenIDConnectProviders`: all issuers whose tokens roles may trust.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviders.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::providers;
use crate::identity::model::OidcProvider;
use crate::operation::Operation;
use crate::tx::Reply;
use base::CommonError;
use store::Query;
use wire::xml;

pub(crate) struct ListOpenIdConnectProviders;

wire::input! {
    /// What `ListOpenIDConnectProviders` takes.
    pub(crate) struct Input {}
}

pub(crate) struct Output(Vec<String>);

impl Operation for ListOpenIdConnectProviders {
    const NAME: &'static str = "ListOpenIDConnectProviders";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, _: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let named = providers::arn_of(cx.account(), "*");
        let resource = Resource::named(cx.account(), named);
        let permit = cx.authorize(Action("iam:ListOpenIDConnectProviders"), resource)?;

        // The quota bounds how many there are.
        let query = Query::primary(1_000).equal(cx.account());
        let found = tx
            .query::<OidcProvider>(&query)
            .await
            .map_err(CommonError::from)?;
        let arns = found.iter().map(|found| found.record.arn()).collect();
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(arns)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.list("OpenIDConnectProviderList", &self.0, |arn, element| {
            element.text("Arn", arn);
        });
    }
}
