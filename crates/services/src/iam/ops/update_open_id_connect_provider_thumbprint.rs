//! `UpdateOpenIDConnectProviderThumbprint`: replaces the thumbprints of an issuer's certificates.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateOpenIDConnectProviderThumbprint.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::providers::{self, ProviderTarget, THUMBPRINTS};
use crate::iam::shapes::ARN;
use crate::iam::view::Done;
use crate::identity::model::OidcProvider;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UpdateOpenIdConnectProviderThumbprint;

wire::input! {
    /// What `UpdateOpenIDConnectProviderThumbprint` takes.
    pub(crate) struct Input {
        arn: String = required audited "OpenIDConnectProviderArn" ARN,
        thumbprints: Vec<String> = required audited "ThumbprintList" THUMBPRINTS,
    }
}

impl Operation for UpdateOpenIdConnectProviderThumbprint {
    const NAME: &'static str = "UpdateOpenIDConnectProviderThumbprint";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = ProviderTarget::find(cx, &mut tx, &input.arn).await?;
        let permit = cx.authorize(
            Action("iam:UpdateOpenIDConnectProviderThumbprint"),
            target.resource(),
        )?;

        let found = target.existing(&permit)?;
        let mut provider = OidcProvider::clone(&found.record);
        provider.thumbprints = providers::thumbprints(&input.thumbprints)?;
        tx.update(&permit, provider, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
