//! What `CreateGrant` asks for.
//!
//! COMPAT: services of AWS are no principals of this server, so that they get no grants.

use super::error::Error;
use super::grant_delegation::Wish;
use super::grant_principals;
use super::grants::{Constraints, Grant, Retiring};
use super::model::KmsKey;
use super::shapes::{
    BOOLEAN, ENCRYPTION_CONTEXT, GRANT_NAME, GRANT_OPERATIONS, GRANT_TOKENS, KEY_ID, PRINCIPAL,
    SERVICE_PRINCIPAL, SOURCE_ARN,
};
use super::uses;
use crate::context::Keys;
use crate::cx::Cx;
use crate::tx::Tx;
use base::Plaintext;
use data_encoding::HEXLOWER;
use std::collections::BTreeMap;
use wire::{Input as _, Shape};

wire::input! {
    /// What `CreateGrant` takes.
    pub(crate) struct Input {
        pub(super) key_id: String = required audited "KeyId" KEY_ID,
        grantee_principal: Option<String> = audited "GranteePrincipal" PRINCIPAL,
        retiring_principal: Option<String> = audited "RetiringPrincipal" PRINCIPAL,
        operations: Vec<String> = required audited "Operations" GRANT_OPERATIONS,
        constraints: Option<GivenConstraints> = audited "Constraints" CONSTRAINTS,
        pub(super) grant_tokens: Option<Vec<Plaintext>> = "GrantTokens" GRANT_TOKENS,
        name: Option<String> = audited "Name" GRANT_NAME,
        pub(super) dry_run: Option<bool> = audited "DryRun" BOOLEAN,
        grantee_service_principal: Option<String> =
            audited "GranteeServicePrincipal" SERVICE_PRINCIPAL,
        retiring_service_principal: Option<String> =
            audited "RetiringServicePrincipal" SERVICE_PRINCIPAL,
    }
}

wire::input! {
    /// Constraints as a request gives them.
    pub(crate) struct GivenConstraints {
        subset: Option<BTreeMap<String, String>> =
            audited "EncryptionContextSubset" ENCRYPTION_CONTEXT,
        equals: Option<BTreeMap<String, String>> =
            audited "EncryptionContextEquals" ENCRYPTION_CONTEXT,
        source_arn: Option<String> = audited "SourceArn" SOURCE_ARN,
    }
}

const CONSTRAINTS: Shape = Shape::structure(GivenConstraints::SHAPE);

impl Input {
    /// The condition keys that the request brings, and `keys`.
    pub(super) fn keys<'a>(&'a self, cx: &Cx<'a>, keys: Keys<'a>) -> Keys<'a> {
        let operations = self.operations.iter().map(String::as_str);
        let given = self.constraints.as_ref();
        let pairs: Vec<(&str, &str)> = given
            .into_iter()
            .flat_map(|given| given.subset.iter().chain(&given.equals).flatten())
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
        keys.opt_text("kms:granteeprincipal", self.grantee_principal.as_deref())
            .opt_text("kms:retiringprincipal", self.retiring_principal.as_deref())
            .texts("kms:grantoperations", Some(operations))
            .opt_text(
                "kms:grantconstrainttype",
                given.and_then(GivenConstraints::kind),
            )
            .flag("kms:grantisforawsresource", Some(cx.facts.via.is_some()))
            .texts(
                "kms:encryptioncontextkeys",
                Some(names).filter(|names| !names.is_empty()),
            )
            .pairs("kms:encryptioncontext:", pairs)
    }

    /// What the grant is to allow, each operation once.
    pub(super) fn wish(&self) -> Wish {
        let mut operations: Vec<String> = Vec::with_capacity(self.operations.len());
        for operation in &self.operations {
            if !operations.contains(operation) {
                operations.push(operation.clone());
            }
        }
        let given = self.constraints.as_ref();
        Wish {
            operations,
            constraints: Constraints {
                equals: given.and_then(|given| given.equals.clone()),
                subset: given.and_then(GivenConstraints::some_subset).cloned(),
            },
        }
    }

    /// The grant on `key` that is asked for.
    ///
    /// # Errors
    /// For a request that makes no sense, and principals that are nobody; a failure of the store.
    pub(super) async fn grant(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        key: &KmsKey,
        wish: Wish,
    ) -> Result<Grant, Error> {
        let grantee = self.check()?;
        let document = grant_principals::document(tx, grantee).await?;
        let retiring = match &self.retiring_principal {
            Some(arn) => Some(Retiring {
                arn: arn.clone(),
                document: grant_principals::document(tx, arn).await?,
            }),
            None => None,
        };
        let id = cx.app.kms.crypto().random(32);
        Ok(Grant {
            account: key.account.clone(),
            region: key.region.clone(),
            key_id: key.id.clone(),
            id: HEXLOWER.encode(id.expose()),
            created: cx.now(),
            name: self.name.clone(),
            issuing_account: format!("arn:aws:iam::{}:root", cx.account()),
            grantee: grantee.to_owned(),
            retiring,
            operations: wish.operations,
            constraints: wish.constraints,
            document,
        })
    }

    /// Checks what the model does not say, and gives the grantee.
    fn check(&self) -> Result<&str, Error> {
        let given = self.constraints.as_ref();
        for (is_given, what) in [
            (
                self.grantee_service_principal.is_some(),
                "GranteeServicePrincipal",
            ),
            (
                self.retiring_service_principal.is_some(),
                "RetiringServicePrincipal",
            ),
            (
                given.is_some_and(|given| given.source_arn.is_some()),
                "SourceArn",
            ),
        ] {
            if is_given {
                return Err(uses::unsupported(what));
            }
        }
        let invalid = |text: &str| Err(Error::Validation(text.to_owned()));
        let Some(grantee) = &self.grantee_principal else {
            return invalid(NO_GRANTEE);
        };
        if self.operations.is_empty() {
            return invalid(NO_OPERATIONS);
        }
        if let Some(other) = self.operations.iter().find(|one| !is_symmetric(one)) {
            return invalid(&format!(
                "The operation {other} is not supported by keys with KeyUsage ENCRYPT_DECRYPT and \
                 KeySpec SYMMETRIC_DEFAULT."
            ));
        }
        let maps = given
            .into_iter()
            .flat_map(|given| [&given.subset, &given.equals]);
        if maps.flatten().any(|pairs| !is_small(pairs)) {
            return invalid(TOO_MUCH_CONTEXT);
        }
        Ok(grantee)
    }
}

impl GivenConstraints {
    /// The subset, unless it is empty: that is one of every context, and so constrains nothing.
    fn some_subset(&self) -> Option<&BTreeMap<String, String>> {
        self.subset.as_ref().filter(|pairs| !pairs.is_empty())
    }

    /// The kind, as a condition key has it.
    ///
    /// COMPAT: the key has one value. A condition that asks for one kind is not met by both.
    fn kind(&self) -> Option<&'static str> {
        match (&self.equals, self.some_subset()) {
            (Some(_), None) => Some("EncryptionContextEquals"),
            (None, Some(_)) => Some("EncryptionContextSubset"),
            (Some(_), Some(_)) => Some("EncryptionContextEquals,EncryptionContextSubset"),
            (None, None) => None,
        }
    }
}

/// Whether an operation is one of symmetric keys for encryption.
fn is_symmetric(operation: &str) -> bool {
    SYMMETRIC.contains(&operation)
}

fn is_small(pairs: &BTreeMap<String, String>) -> bool {
    let lengths = pairs.iter().map(|(name, value)| name.len() + value.len());
    pairs.len() <= MOST_PAIRS && lengths.sum::<usize>() <= MOST_CONTEXT_BYTES
}

const SYMMETRIC: [&str; 11] = [
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
];
const MOST_PAIRS: usize = 8;
const MOST_CONTEXT_BYTES: usize = 384;
const NO_GRANTEE: &str = "You must specify a GranteePrincipal.";
const NO_OPERATIONS: &str = "You must specify at least one of the Operations.";
const TOO_MUCH_CONTEXT: &str =
    "A grant constraint can have up to 8 encryption context pairs and 384 characters.";
