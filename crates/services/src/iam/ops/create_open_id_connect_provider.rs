//! `CreateOpenIDConnectProvider`: an issuer whose tokens roles may trust.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::limits::OIDC_PROVIDERS;
use crate::iam::providers::{self, CLIENT_IDS, ProviderTarget, THUMBPRINTS, URL};
use crate::iam::tags::{self, TAGS, Tag};
use crate::iam::view::write_tags;
use crate::identity::model::OidcProvider;
use crate::operation::Operation;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct CreateOpenIdConnectProvider;

wire::input! {
    /// What `CreateOpenIDConnectProvider` takes.
    pub(crate) struct Input {
        url: String = required audited "Url" URL,
        client_ids: Option<Vec<String>> = audited "ClientIDList" CLIENT_IDS,
        thumbprints: Option<Vec<String>> = audited "ThumbprintList" THUMBPRINTS,
        tags: Option<Vec<Tag>> = audited "Tags" TAGS,
    }
}

pub(crate) struct Output(OidcProvider);

impl Operation for CreateOpenIdConnectProvider {
    const NAME: &'static str = "CreateOpenIDConnectProvider";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let issuer = providers::issuer(&input.url)?;
        let arn = providers::arn_of(cx.account(), issuer.bare());
        let target = ProviderTarget::find(cx, &mut tx, &arn).await?;
        let keys =
            Keys::none().opt_tags(input.tags.as_ref().map(|tags| tags.iter().map(Tag::shown)));
        let action = Action("iam:CreateOpenIDConnectProvider");
        let permit = cx.authorize_with(action, target.resource(), &keys)?;

        if target.is_taken(&permit) {
            return Err(Error::ProviderExists(input.url.clone()));
        }
        let tags = tags::of(input.tags.as_deref())?;
        let provider = OidcProvider {
            account: cx.account().clone(),
            url: issuer.bare().to_owned(),
            client_ids: providers::client_ids(input.client_ids.as_deref().unwrap_or_default())?,
            thumbprints: providers::thumbprints(input.thumbprints.as_deref().unwrap_or_default())?,
            created: cx.now(),
            tags,
        };
        OIDC_PROVIDERS.take_one(cx, &mut tx, &permit);
        tx.insert(&permit, provider.clone());
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(provider)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.text("OpenIDConnectProviderArn", &self.0.arn());
        write_tags(result, &self.0.tags);
    }
}
