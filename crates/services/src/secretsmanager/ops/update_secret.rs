//! `UpdateSecret`: a new description, key, or version.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html>

use super::create_secret::keys_of_parameters;
use super::put_secret_value::add_version;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::rotation::changes::{By, follow};
use crate::secretsmanager::shapes::{
    CLIENT_REQUEST_TOKEN, DESCRIPTION, KMS_KEY_ID, SECRET_BINARY, SECRET_ID, SECRET_STRING,
    SECRET_TYPE,
};
use crate::secretsmanager::target::Target;
use crate::secretsmanager::values::{self, GivenValue};
use crate::secretsmanager::versions::AWSCURRENT;
use crate::tx::Reply;
use base::Plaintext;
use wire::json;

pub(crate) struct UpdateSecret;

wire::input! {
    /// What `UpdateSecret` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
        client_request_token: Option<String> = audited "ClientRequestToken" CLIENT_REQUEST_TOKEN,
        description: Option<String> = audited "Description" DESCRIPTION,
        kms_key_id: Option<String> = audited "KmsKeyId" KMS_KEY_ID,
        secret_binary: Option<Plaintext> = "SecretBinary" SECRET_BINARY,
        secret_string: Option<Plaintext> = "SecretString" SECRET_STRING,
        secret_type: Option<String> = audited "Type" SECRET_TYPE,
    }
}

pub(crate) struct Output {
    arn: String,
    name: String,
    version_id: Option<String>,
}

impl Operation for UpdateSecret {
    const NAME: &'static str = "UpdateSecret";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let value = input.new_version(cx)?;
        let named = input.kms_key_id.as_deref();
        let key_arn = values::key_arn(cx, &target.id().account, &target.name(), named).await?;
        let permit = cx.authorize_with(
            Action("secretsmanager:UpdateSecret"),
            target.resource(),
            &keys_of_parameters(
                target.keys(),
                input.description.as_deref(),
                (named, key_arn.as_deref()),
                input.secret_type.as_deref(),
            ),
        )?;

        let found = target.usable(&permit)?;
        if input
            .secret_type
            .as_ref()
            .is_some_and(|text| !text.is_empty())
        {
            return Err(Error::NotSupported("Type"));
        }
        let mut secret = Secret::clone(&found.record);
        if named.is_some() {
            secret.key = values::choose_key(cx, &secret.account, named, key_arn).await?;
            values::try_key(cx, &secret).await?;
            values::rewrap(cx, &mut tx, &permit, &secret).await?;
        }
        if let Some((token, value)) = &value {
            match values::find(&mut tx, &permit, &secret, token).await? {
                // COMPAT: a repetition succeeds, as seen on AWS, although the model says it fails.
                Some(stored) => {
                    values::same_as_stored(cx, &permit, &secret, &stored.record, value).await?;
                }
                None => {
                    let stages = [AWSCURRENT.to_owned()];
                    add_version(cx, &mut tx, &permit, &mut secret, token, value, &stages).await?;
                }
            }
        }
        if let Some(description) = &input.description {
            secret.description = Some(description.clone()).filter(|text| !text.is_empty());
        }
        secret.changed = cx.now();
        let output = Output {
            arn: secret.arn(),
            name: secret.name.clone(),
            version_id: value.map(|(token, _)| token.to_owned()),
        };
        let told = follow(cx, &mut tx, &permit, &found.record, &mut secret, By::Value).await?;
        secret.key.forget_meaning();
        tx.update(&permit, secret, found.rev);
        let recorded = tx.commit(cx.event(&permit).with(told)).await?;

        Ok(recorded.reply(output))
    }
}

impl Input {
    /// The token and value of the version to be made, if one is.
    ///
    /// COMPAT: a token is required only together with a value (behaviour reference §3.4).
    fn new_version(&self, cx: &Cx<'_>) -> Result<Option<(&str, GivenValue<'_>)>, Error> {
        let value = values::given(cx, self.secret_string.as_ref(), self.secret_binary.as_ref());
        match (value, self.client_request_token.as_deref()) {
            (Ok(None), _) => Ok(None),
            (_, None) => Err(Error::TokenMissing),
            (value, Some(token)) => Ok(value?.map(|value| (token, value))),
        }
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("ARN", &self.arn);
        object.text("Name", &self.name);
        object.opt_text("VersionId", self.version_id.as_deref());
    }
}
