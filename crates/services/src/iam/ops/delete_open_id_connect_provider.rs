//! `DeleteOpenIDConnectProvider`: deletes an issuer: its tokens count no more.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::limits::OIDC_PROVIDERS;
use crate::iam::providers::ProviderTarget;
use crate::iam::shapes::ARN;
use crate::iam::view::Done;
use crate::identity::model::OidcProvider;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DeleteOpenIdConnectProvider;

wire::input! {
    /// What `DeleteOpenIDConnectProvider` takes.
    pub(crate) struct Input {
        arn: String = required audited "OpenIDConnectProviderArn" ARN,
    }
}

impl Operation for DeleteOpenIdConnectProvider {
    const NAME: &'static str = "DeleteOpenIDConnectProvider";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = ProviderTarget::find(cx, &mut tx, &input.arn).await?;
        let permit = cx.authorize(Action("iam:DeleteOpenIDConnectProvider"), target.resource())?;

        let found = target.existing(&permit)?;
        OIDC_PROVIDERS.give_back(cx, &mut tx, &permit);
        let key = OidcProvider::key_of(cx.account(), &found.record.url);
        tx.delete::<OidcProvider>(&permit, &key, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
