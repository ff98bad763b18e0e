//! `CreateKey`: a new symmetric key for encryption.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>
//!
//! COMPAT: keys to sign, to make MACs or to agree on keys, keys in several Regions and keys whose
//! material is elsewhere are not there yet, and refused as such.

use super::describe_key::Output;
use crate::authorize::{Action, Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::key_policy;
use crate::kms::model::{
    AWS_KMS, Cause, ENCRYPT_DECRYPT, KmsKey, Manager, SYMMETRIC_DEFAULT, State,
};
use crate::kms::shapes::{
    BOOLEAN, CUSTOM_KEY_STORE_ID, CUSTOMER_MASTER_KEY_SPEC, DESCRIPTION, KEY_SPEC, KEY_USAGE,
    ORIGIN, POLICY, XKS_KEY_ID,
};
use crate::kms::tagging::{self, TAGS, Tag};
use crate::kms::{dues, keys_counter, target, uses};
use crate::operation::Operation;
use crate::tags::Tags;
use crate::tx::{Reply, Tx};
use base::random_uuid;
use std::sync::Arc;

pub(crate) struct CreateKey;

wire::input! {
    /// What `CreateKey` takes.
    pub(crate) struct Input {
        policy: Option<String> = audited "Policy" POLICY,
        description: Option<String> = audited "Description" DESCRIPTION,
        key_usage: Option<String> = audited "KeyUsage" KEY_USAGE,
        customer_master_key_spec: Option<String> =
            audited "CustomerMasterKeySpec" CUSTOMER_MASTER_KEY_SPEC,
        key_spec: Option<String> = audited "KeySpec" KEY_SPEC,
        origin: Option<String> = audited "Origin" ORIGIN,
        custom_key_store_id: Option<String> = audited "CustomKeyStoreId" CUSTOM_KEY_STORE_ID,
        bypass_policy_lockout_safety_check: Option<bool> =
            audited "BypassPolicyLockoutSafetyCheck" BOOLEAN,
        tags: Option<Vec<Tag>> = audited "Tags" TAGS,
        multi_region: Option<bool> = audited "MultiRegion" BOOLEAN,
        xks_key_id: Option<String> = audited "XksKeyId" XKS_KEY_ID,
    }
}

impl Operation for CreateKey {
    const NAME: &'static str = "CreateKey";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let permit = permitted(cx, input)?;

        input.check_kind()?;
        let mut tx = cx.begin();
        let mut key = blank(cx, &mut tx, input).await?;
        let is_given = input.policy.is_some();
        if is_given && input.bypass_policy_lockout_safety_check != Some(true) {
            key_policy::check_lock_out(cx, &key)?;
        }
        let crypto = cx.app.kms.crypto();
        crypto.renew(&mut key, cx.now(), Cause::Creation)?;
        let output = Output(Arc::new(key.clone()));
        let counter = keys_counter(&key.account, &key.region);
        tx.count(&permit, &counter, 1, Some(MOST_KEYS));
        dues::insert(&mut tx, &permit, key);
        let event = cx.event(&permit).about(&output.0.arn());
        let recorded = tx.commit(event.responding(output.elements())).await?;

        Ok(recorded.reply(output))
    }
}

/// Asks whether the caller may create the key, and tag it if it is to have tags.
fn permitted(cx: &Cx<'_>, input: &Input) -> Result<Permit, Error> {
    let keys = input.keys(cx);
    if input.tags.is_some() {
        // COMPAT: a denial of this one names no resource.
        let untold = Resource::none(cx.account());
        cx.authorize_with(Action("kms:TagResource"), untold, &keys)?;
    }
    let anything = Resource::named(cx.account(), String::from("*"));
    Ok(cx.authorize_with(Action("kms:CreateKey"), anything, &keys)?)
}

/// The key that the request describes, without material.
async fn blank(cx: &Cx<'_>, tx: &mut Tx<'_>, input: &Input) -> Result<KmsKey, Error> {
    let policy = match &input.policy {
        Some(text) => key_policy::examine(tx, text).await?,
        None => key_policy::delegating(cx.account()),
    };
    let mut tags = Tags::default();
    tagging::set(&mut tags, input.tags.as_deref().unwrap_or_default())?;
    Ok(KmsKey {
        account: cx.account().clone(),
        region: cx.region.clone(),
        id: random_uuid(cx.entropy()),
        created: cx.now(),
        manager: Manager::Customer,
        description: input.description.clone().unwrap_or_default(),
        state: State::Enabled,
        policy,
        tags,
        aliases: Vec::new(),
        has_grants: false,
        rotation: None,
        material: Vec::new(),
    })
}

impl Input {
    fn keys<'a>(&'a self, cx: &Cx<'a>) -> Keys<'a> {
        let tags = self.tags.as_ref().map(|tags| tags.iter().map(Tag::shown));
        target::of_caller(cx)
            .text("kms:keyspec", self.spec())
            .text("kms:customermasterkeyspec", self.spec())
            .text("kms:keyusage", self.usage())
            .text("kms:customermasterkeyusage", self.usage())
            .text("kms:keyorigin", self.origin())
            .flag("kms:multiregion", Some(self.multi_region == Some(true)))
            .flag(
                "kms:bypasspolicylockoutsafetycheck",
                Some(self.bypass_policy_lockout_safety_check == Some(true)),
            )
            .opt_tags(tags)
    }

    fn spec(&self) -> &str {
        let old = self.customer_master_key_spec.as_deref();
        self.key_spec
            .as_deref()
            .or(old)
            .unwrap_or(SYMMETRIC_DEFAULT)
    }

    fn usage(&self) -> &str {
        self.key_usage.as_deref().unwrap_or(ENCRYPT_DECRYPT)
    }

    fn origin(&self) -> &str {
        self.origin.as_deref().unwrap_or(AWS_KMS)
    }

    /// Refuses every kind of key but the one there is.
    fn check_kind(&self) -> Result<(), Error> {
        if self.key_spec.is_some() && self.customer_master_key_spec.is_some() {
            return Err(Error::Validation(BOTH_SPECS.to_owned()));
        }
        let unsupported = |what: &str| Err(uses::unsupported(what));
        if self.spec() != SYMMETRIC_DEFAULT {
            return unsupported(&format!("KeySpec {}", self.spec()));
        }
        if self.origin() != AWS_KMS {
            return unsupported(&format!("Origin {}", self.origin()));
        }
        if self.multi_region == Some(true) {
            return unsupported("MultiRegion");
        }
        if self.custom_key_store_id.is_some() {
            return unsupported("CustomKeyStoreId");
        }
        if self.xks_key_id.is_some() {
            return unsupported("XksKeyId");
        }
        if self.usage() != ENCRYPT_DECRYPT {
            return Err(Error::Validation(format!(
                "KeyUsage {} is not compatible with KeySpec {SYMMETRIC_DEFAULT}",
                self.usage()
            )));
        }
        Ok(())
    }
}

const BOTH_SPECS: &str = "You cannot specify KeySpec and CustomerMasterKeySpec in the same \
                          request. CustomerMasterKeySpec is deprecated.";
/// AWS's quota per account and Region.
const MOST_KEYS: i64 = 100_000;
