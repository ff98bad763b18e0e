//! `CreateSecret`: a new secret, with or without a first value.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>

use crate::authorize::{Action, Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::ports::KeyChoice;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::{Secret, arn};
use crate::secretsmanager::names::SecretName;
use crate::secretsmanager::secrets_counter;
use crate::secretsmanager::shapes::{
    BOOLEAN, CLIENT_REQUEST_TOKEN, CROSS_ACCOUNT_ARN, DESCRIPTION, KMS_KEY_ID, NAME, REGION,
    SECRET_BINARY, SECRET_STRING, SECRET_TYPE,
};
use crate::secretsmanager::values::{self, GivenValue};
use crate::secretsmanager::versions::{AWSCURRENT, Versions};
use crate::tags::Tags;
use crate::tx::{Reply, Tx};
use base::{CommonError, Plaintext, random_alphanumeric};
use store::Versioned;
use wire::{Input as _, Shape, UNBOUNDED, json};

use super::tag_resource::{TAG_RESOURCE, TAGS, Tag, set};

pub(crate) struct CreateSecret;

wire::input! {
    /// What `CreateSecret` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" NAME,
        client_request_token: Option<String> = audited "ClientRequestToken" CLIENT_REQUEST_TOKEN,
        description: Option<String> = audited "Description" DESCRIPTION,
        kms_key_id: Option<String> = audited "KmsKeyId" KMS_KEY_ID,
        secret_binary: Option<Plaintext> = "SecretBinary" SECRET_BINARY,
        secret_string: Option<Plaintext> = "SecretString" SECRET_STRING,
        tags: Option<Vec<Tag>> = audited "Tags" TAGS,
        add_replica_regions: Option<Vec<ReplicaRegion>> =
            audited "AddReplicaRegions" REPLICA_REGIONS,
        force_overwrite_replica_secret: Option<bool> =
            audited "ForceOverwriteReplicaSecret" BOOLEAN,
        secret_type: Option<String> = audited "Type" SECRET_TYPE,
        cross_account_primary_arn: Option<String> =
            audited "CrossAccountPrimaryARN" CROSS_ACCOUNT_ARN,
    }
}

wire::input! {
    /// Where a replica should be.
    pub(crate) struct ReplicaRegion {
        region: Option<String> = audited "Region" REGION,
        kms_key_id: Option<String> = audited "KmsKeyId" KMS_KEY_ID,
    }
}

const REPLICA_REGIONS: Shape = Shape::list(&REPLICA_REGION, 1, UNBOUNDED);
const REPLICA_REGION: Shape = Shape::structure(ReplicaRegion::SHAPE);

pub(crate) struct Output {
    arn: String,
    name: String,
    version_id: Option<String>,
}

impl Operation for CreateSecret {
    const NAME: &'static str = "CreateSecret";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let name = SecretName::parse(&input.name)?;
        let token = input
            .client_request_token
            .as_deref()
            .ok_or(Error::TokenMissing)?;
        let suffix = random_alphanumeric(cx.entropy(), 6);
        let named = input.kms_key_id.as_deref();
        let secret_arn = arn(cx.region, cx.account(), &input.name, &suffix);
        let key_arn = values::key_arn(cx, cx.account(), &secret_arn, named).await?;
        let keys = keys(input, &name, key_arn.as_deref());
        let permit = permitted(cx, input, &suffix, &keys, None)?;

        let mut tx = cx.begin();
        let key = Secret::key_of(cx.account(), cx.region, name.as_str());
        let taken = tx.get::<Secret>(&key).await.map_err(CommonError::from)?;
        let value = values::given(
            cx,
            input.secret_string.as_ref(),
            input.secret_binary.as_ref(),
        )?;
        if let Some(taken) = taken {
            return repeated(cx, tx, &permit, &taken, token, value.as_ref()).await;
        }
        let mut secret = blank(cx, input, &name, suffix)?;
        if let Some(tags) = &secret.tags {
            // Refuses what the caller could not do to the secret once it has the tags.
            permitted(cx, input, &secret.suffix, &keys, Some(tags))?;
        }
        secret.key = values::choose_key(cx, cx.account(), named, key_arn.clone()).await?;
        values::try_key(cx, &secret).await?;
        if let Some(value) = &value {
            let most_labels = cx.limits_of(cx.account()).labels;
            secret
                .versions
                .add(token, &[AWSCURRENT.to_owned()], most_labels)?;
            tx.insert(&permit, values::encrypt(cx, &secret, token, value).await?);
        }
        let output = Output {
            arn: secret.arn(),
            name: input.name.clone(),
            version_id: value.map(|_| token.to_owned()),
        };
        secret.key.forget_meaning();
        tx.insert(&permit, secret);
        let most = cx.limits_of(cx.account()).secrets;
        tx.count(
            &permit,
            &secrets_counter(cx.account(), cx.region),
            1,
            Some(most),
        );
        let recorded = tx.commit(cx.event(&permit).about(&output.arn)).await?;

        Ok(recorded.reply(output))
    }
}

/// Asks whether the caller may create the secret, and tag it if it is to have tags: a secret that
/// already has `tags`.
///
/// COMPAT: a denial names the bare name (behaviour reference §1.6), while policies match against the
/// ARN that the secret would have, so that `secret:name-??????` means the same here as afterwards.
fn permitted(
    cx: &Cx<'_>,
    input: &Input,
    suffix: &str,
    keys: &Keys<'_>,
    tags: Option<&Tags>,
) -> Result<Permit, CommonError> {
    let arn = arn(cx.region, cx.account(), &input.name, suffix);
    let resource = || {
        Resource::named(cx.account(), input.name.clone())
            .matched_as(arn.clone())
            .tagged(tags)
    };
    if input.tags.is_some() {
        cx.authorize_with(TAG_RESOURCE, resource(), keys)?;
    }
    cx.authorize_with(Action("secretsmanager:CreateSecret"), resource(), keys)
}

fn keys<'a>(input: &'a Input, name: &'a SecretName, key_arn: Option<&'a str>) -> Keys<'a> {
    let regions = input.add_replica_regions.as_ref().map(|regions| {
        regions
            .iter()
            .filter_map(|replica| replica.region.as_deref())
    });
    keys_of_parameters(
        Keys::none().text("secretsmanager:name", name.as_str()),
        input.description.as_deref(),
        (input.kms_key_id.as_deref(), key_arn),
        input.secret_type.as_deref(),
    )
    .flag(
        "secretsmanager:forceoverwritereplicasecret",
        input.force_overwrite_replica_secret,
    )
    .texts("secretsmanager:addreplicaregions", regions)
    .opt_tags(input.tags.as_ref().map(|tags| tags.iter().map(Tag::shown)))
}

/// The condition keys that CreateSecret and UpdateSecret have in common (behaviour reference §8.5).
pub(super) fn keys_of_parameters<'a>(
    keys: Keys<'a>,
    description: Option<&'a str>,
    (kms_key_id, key_arn): (Option<&'a str>, Option<&'a str>),
    secret_type: Option<&'a str>,
) -> Keys<'a> {
    keys.opt_text("secretsmanager:description", description)
        .opt_text("secretsmanager:kmskeyid", kms_key_id)
        .opt_text("secretsmanager:kmskeyarn", key_arn)
        .opt_text("secretsmanager:type", secret_type)
}

/// The name is taken. A repetition of the call that took it succeeds and changes nothing.
async fn repeated(
    cx: &Cx<'_>,
    mut tx: Tx<'_>,
    permit: &Permit,
    taken: &Versioned<Secret>,
    token: &str,
    value: Option<&GivenValue<'_>>,
) -> Result<Reply<Output>, Error> {
    let secret = &taken.record;
    if secret.is_scheduled_for_deletion() {
        return Err(Error::NameScheduledForDeletion);
    }
    let stored = values::find(&mut tx, permit, secret, token).await?;
    let (Some(stored), Some(value)) = (stored, value) else {
        return Err(Error::AlreadyExists(secret.name.clone()));
    };
    values::same_as_stored(cx, permit, secret, &stored.record, value).await?;

    let output = Output {
        arn: secret.arn(),
        name: secret.name.clone(),
        version_id: Some(token.to_owned()),
    };
    let recorded = tx.finish(cx.event(permit).about(&output.arn)).await?;
    Ok(recorded.reply(output))
}

/// The secret that the request describes, with no version yet.
fn blank(cx: &Cx<'_>, input: &Input, name: &SecretName, suffix: String) -> Result<Secret, Error> {
    if input.add_replica_regions.is_some() {
        return Err(Error::NotSupported("AddReplicaRegions"));
    }
    if input.cross_account_primary_arn.is_some() {
        return Err(Error::NotSupported("CrossAccountPrimaryARN"));
    }
    if input
        .secret_type
        .as_ref()
        .is_some_and(|text| !text.is_empty())
    {
        return Err(Error::NotSupported("Type"));
    }
    let mut tags = input.tags.as_ref().map(|_| Tags::default());
    if let (Some(tags), Some(given)) = (&mut tags, &input.tags) {
        set(tags, given, cx.limits_of(cx.account()).tags)?;
    }
    Ok(Secret {
        account: cx.account().clone(),
        region: cx.region.clone(),
        name: name.as_str().to_owned(),
        suffix,
        description: input.description.clone().filter(|text| !text.is_empty()),
        key: KeyChoice::default(),
        tags,
        versions: Versions::default(),
        created: cx.now(),
        changed: cx.now(),
        accessed: None,
        deletion: None,
        has_resource_policy: false,
        rotation: None,
    })
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("ARN", &self.arn);
        object.text("Name", &self.name);
        object.opt_text("VersionId", self.version_id.as_deref());
    }
}
