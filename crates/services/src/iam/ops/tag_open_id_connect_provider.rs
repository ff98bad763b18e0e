//! `TagOpenIDConnectProvider`: puts tags on an issuer.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagOpenIDConnectProvider.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::providers::ProviderTarget;
use crate::iam::shapes::ARN;
use crate::iam::tagging;
use crate::iam::tags::{TAGS, Tag};
use crate::iam::view::Done;
use crate::identity::model::OidcProvider;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct TagOpenIdConnectProvider;

wire::input! {
    /// What `TagOpenIDConnectProvider` takes.
    pub(crate) struct Input {
        arn: String = required audited "OpenIDConnectProviderArn" ARN,
        tags: Vec<Tag> = required audited "Tags" TAGS,
    }
}

impl Operation for TagOpenIdConnectProvider {
    const NAME: &'static str = "TagOpenIDConnectProvider";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = ProviderTarget::find(cx, &mut tx, &input.arn).await?;
        let keys = Keys::none().tags(input.tags.iter().map(Tag::shown));
        let permit = cx.authorize_with(
            Action("iam:TagOpenIDConnectProvider"),
            target.resource(),
            &keys,
        )?;

        let found = target.existing(&permit)?;
        let mut provider = OidcProvider::clone(&found.record);
        tagging::set(&mut provider.tags, &input.tags)?;
        tx.update(&permit, provider, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
