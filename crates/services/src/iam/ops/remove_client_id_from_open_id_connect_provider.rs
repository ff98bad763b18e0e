//! `RemoveClientIDFromOpenIDConnectProvider`: admits an audience of an issuer's tokens no more. One that is
//! not there is as good as removed.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveClientIDFromOpenIDConnectProvider.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::providers::{CLIENT_ID, ProviderTarget};
use crate::iam::shapes::ARN;
use crate::iam::view::Done;
use crate::identity::model::OidcProvider;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct RemoveClientIdFromOpenIdConnectProvider;

wire::input! {
    /// What `RemoveClientIDFromOpenIDConnectProvider` takes.
    pub(crate) struct Input {
        arn: String = required audited "OpenIDConnectProviderArn" ARN,
        client_id: String = required audited "ClientID" CLIENT_ID,
    }
}

impl Operation for RemoveClientIdFromOpenIdConnectProvider {
    const NAME: &'static str = "RemoveClientIDFromOpenIDConnectProvider";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = ProviderTarget::find(cx, &mut tx, &input.arn).await?;
        let permit = cx.authorize(
            Action("iam:RemoveClientIDFromOpenIDConnectProvider"),
            target.resource(),
        )?;

        let found = target.existing(&permit)?;
        let mut provider = OidcProvider::clone(&found.record);
        provider.client_ids.retain(|id| *id != input.client_id);
        tx.update(&permit, provider, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
