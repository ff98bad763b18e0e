//! `CreateGrant`: lets one principal do some things with one key.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html>
//!
//! - Who may create grants by a grant only gives no more than it has (`grant_delegation.rs`).
//! - The same request with the same name makes no second grant.
//! - COMPAT: services of AWS are no principals of this server, so that they get no grants.

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::kms::dues;
use crate::kms::error::Error;
use crate::kms::grant_delegation::Wish;
use crate::kms::grants::{self, Constraints, Grant, Retiring};
use crate::kms::model::KmsKey;
use crate::kms::shapes::{
    BOOLEAN, ENCRYPTION_CONTEXT, GRANT_NAME, GRANT_OPERATIONS, GRANT_TOKENS, KEY_ID, PRINCIPAL,
    SERVICE_PRINCIPAL, SOURCE_ARN,
};
use crate::kms::target::Target;
use crate::kms::{grant_principals, grant_tokens, uses};
use crate::operation::Operation;
use crate::tx::{CommitError, Reply, Tx};
use base::CommonError;
use data_encoding::HEXLOWER;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::Versioned;
use wire::{Input as _, Shape, json};

pub(crate) struct CreateGrant;

wire::input! {
    /// What `CreateGrant` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        grantee_principal: Option<String> = audited "GranteePrincipal" PRINCIPAL,
        retiring_principal: Option<String> = audited "RetiringPrincipal" PRINCIPAL,
        operations: Vec<String> = required audited "Operations" GRANT_OPERATIONS,
        constraints: Option<GivenConstraints> = audited "Constraints" CONSTRAINTS,
        grant_tokens: Option<Vec<String>> = "GrantTokens" GRANT_TOKENS,
        name: Option<String> = audited "Name" GRANT_NAME,
        dry_run: Option<bool> = audited "DryRun" BOOLEAN,
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

pub(crate) struct Output {
    token: String,
    id: String,
}

impl Operation for CreateGrant {
    const NAME: &'static str = "CreateGrant";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::by_key(cx, &mut tx, &input.key_id).await?;
        let keys = input.keys(cx, target.keys(cx));
        let action = Action("kms:CreateGrant");
        let wish = input.wish();
        let holds = |grant: &Grant| grant.delegates(&wish);
        let permit = target
            .permit_when(cx, &mut tx, action, &keys, holds)
            .await?;

        grant_tokens::check(cx, input.grant_tokens.as_deref())?;
        let key = target.enabled(&permit)?;
        let grant = input.grant(cx, &mut tx, &key.record, wish).await?;
        uses::check_dry_run(input.dry_run)?;
        let grant = match twin(&mut tx, &key.record, &grant).await? {
            Some(twin) => twin,
            None => {
                tx.insert(&permit, grant.clone());
                let counter = grants::counter(&grant.account, &grant.region, &grant.key_id);
                tx.count(&permit, &counter, 1, Some(MOST_GRANTS));
                note_grants(&mut tx, &permit, key).await?;
                Arc::new(grant)
            }
        };
        let output = Output {
            token: grant_tokens::of(cx, &grant)?,
            id: grant.id.clone(),
        };
        let elements = json!({ "grantId": grant.id, "keyId": key.record.arn() });
        let event = cx.event(&permit).responding(elements);
        let recorded = tx.commit(event).await.map_err(|error| match error {
            CommitError::LimitReached => Error::LimitExceeded(TOO_MANY_GRANTS),
            CommitError::Common(error) => Error::Common(error),
        })?;

        Ok(recorded.reply(output))
    }
}

/// Sees to it that the key says that it has grants.
async fn note_grants(
    tx: &mut Tx<'_>,
    permit: &crate::authorize::Permit,
    key: &Versioned<KmsKey>,
) -> Result<(), CommonError> {
    if key.record.has_grants {
        return Ok(());
    }
    let mut granting = KmsKey::clone(&key.record);
    granting.has_grants = true;
    dues::save(tx, permit, granting, key.rev).await
}

/// The grant of the same name that an earlier request for `grant` made.
async fn twin(
    tx: &mut Tx<'_>,
    key: &KmsKey,
    grant: &Grant,
) -> Result<Option<Arc<Grant>>, CommonError> {
    let mut twin = None;
    if grant.name.is_some() && key.has_grants {
        tx.every::<Grant>(grants::to(key, &grant.grantee, 0), |one| {
            if is_twin(&one, grant) {
                twin = Some(one);
            }
        })
        .await?;
    }
    Ok(twin)
}

fn is_twin(one: &Grant, other: &Grant) -> bool {
    let operations = |grant: &Grant| grant.operations.iter().cloned().collect::<BTreeSet<_>>();
    one.name == other.name
        && one.issuing_account == other.issuing_account
        && one.document == other.document
        && one.retiring == other.retiring
        && one.constraints == other.constraints
        && operations(one) == operations(other)
}

impl Input {
    fn keys<'a>(&'a self, cx: &Cx<'a>, keys: Keys<'a>) -> Keys<'a> {
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
    fn wish(&self) -> Wish {
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
                subset: given.and_then(|given| given.subset.clone()),
            },
        }
    }

    /// The grant on `key` that is asked for.
    async fn grant(
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
                let text = format!("{what} is not supported by this server yet.");
                return Err(Error::Unsupported(text));
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
    /// The kind, as a condition key has it.
    ///
    /// COMPAT: the key has one value. A condition that asks for one kind is not met by both.
    fn kind(&self) -> Option<&'static str> {
        match (&self.equals, &self.subset) {
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

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("GrantToken", &self.token);
        object.text("GrantId", &self.id);
    }
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
/// AWS's quota for a key.
const MOST_GRANTS: i64 = 50_000;
const TOO_MANY_GRANTS: &str = "The key has reached its limit of grants.";
const MOST_PAIRS: usize = 8;
const MOST_CONTEXT_BYTES: usize = 384;
const NO_GRANTEE: &str = "You must specify a GranteePrincipal.";
const NO_OPERATIONS: &str = "You must specify at least one of the Operations.";
const TOO_MUCH_CONTEXT: &str =
    "A grant constraint can have up to 8 encryption context pairs and 384 characters.";
