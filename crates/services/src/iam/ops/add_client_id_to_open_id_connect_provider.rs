//! `AddClientIDToOpenIDConnectProvider`: admits one more audience of an issuer's tokens.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::providers::{self, CLIENT_ID, ProviderTarget};
use crate::iam::shapes::ARN;
use crate::iam::view::Done;
use crate::identity::model::OidcProvider;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct AddClientIdToOpenIdConnectProvider;

wire::input! {
    /// What `AddClientIDToOpenIDConnectProvider` takes.
    pub(crate) struct Input {
        arn: String = required audited "OpenIDConnectProviderArn" ARN,
        client_id: String = required audited "ClientID" CLIENT_ID,
    }
}

impl Operation for AddClientIdToOpenIdConnectProvider {
    const NAME: &'static str = "AddClientIDToOpenIDConnectProvider";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = ProviderTarget::find(cx, &mut tx, &input.arn).await?;
        let permit = cx.authorize(
            Action("iam:AddClientIDToOpenIDConnectProvider"),
            target.resource(),
        )?;

        let found = target.existing(&permit)?;
        let mut provider = OidcProvider::clone(&found.record);
        provider.client_ids.push(input.client_id.clone());
        provider.client_ids = providers::client_ids(&provider.client_ids)?;
        tx.update(&permit, provider, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
