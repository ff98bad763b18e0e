//! `UntagOpenIDConnectProvider`: takes tags off an issuer.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagOpenIDConnectProvider.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::providers::ProviderTarget;
use crate::iam::shapes::{ARN, TAG_KEYS};
use crate::iam::tagging;
use crate::iam::view::Done;
use crate::identity::model::OidcProvider;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UntagOpenIdConnectProvider;

wire::input! {
    /// What `UntagOpenIDConnectProvider` takes.
    pub(crate) struct Input {
        arn: String = required audited "OpenIDConnectProviderArn" ARN,
        tag_keys: Vec<String> = required audited "TagKeys" TAG_KEYS,
    }
}

impl Operation for UntagOpenIdConnectProvider {
    const NAME: &'static str = "UntagOpenIDConnectProvider";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = ProviderTarget::find(cx, &mut tx, &input.arn).await?;
        let keys = Keys::none().tag_keys(input.tag_keys.iter().map(String::as_str));
        let permit = cx.authorize_with(
            Action("iam:UntagOpenIDConnectProvider"),
            target.resource(),
            &keys,
        )?;

        let found = target.existing(&permit)?;
        let mut provider = OidcProvider::clone(&found.record);
        tagging::unset(&mut provider.tags, &input.tag_keys);
        tx.update(&permit, provider, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
