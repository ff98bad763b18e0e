//! What an action of KMS asks of the key that it is done to: for questions about requests that nobody
//! has made.

/// An action of KMS, and how its requests name a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyAction {
    /// In AWS's spelling where it is one of AWS's.
    name: String,
    takes: Takes,
}

/// What requests for an action are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// No key in particular.
    Nothing,
    /// A key, to encrypt or decrypt in an encryption context; by whatever name.
    Use,
    /// A key, by whatever name.
    AnyName,
    /// A key of whatever account, but by no alias.
    Key,
    /// The same of the caller's own account.
    OwnKey,
    /// An alias and a key, both of the caller's own account.
    Alias,
}

impl KeyAction {
    /// What `action` is to KMS, if it is one of its actions.
    pub(crate) fn of(action: &str) -> Option<Self> {
        let (service, operation) = action.split_once(':')?;
        if !service.eq_ignore_ascii_case("kms") {
            return None;
        }
        let known = TAKEN.iter().find_map(|(takes, operations)| {
            let mut names = operations.iter();
            let name = names.find(|name| name.eq_ignore_ascii_case(operation))?;
            Some((*name, *takes))
        });
        let (name, takes) = known.unwrap_or((operation, Takes::AnyName));
        Some(Self {
            name: format!("kms:{name}"),
            takes,
        })
    }

    /// Such as `kms:Decrypt`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What its requests are about.
    pub(crate) fn takes(&self) -> Takes {
        self.takes
    }

    /// Whether other services do it in their callers' names.
    pub(crate) fn is_done_by_services(&self) -> bool {
        BY_SERVICES.contains(&self.operation())
    }

    /// Whether requests bring an encryption context, or constraints that name one.
    pub(crate) fn has_context(&self) -> bool {
        self.takes == Takes::Use || self.operation() == "CreateGrant"
    }

    /// Whether the key has to be enabled for it.
    pub(super) fn needs_enabled(&self) -> bool {
        self.takes == Takes::Use || NEED_ENABLED.contains(&self.operation())
    }

    /// Whether the key must not be going to be deleted.
    pub(super) fn needs_lasting(&self) -> bool {
        self.needs_enabled() || NEED_LASTING.contains(&self.operation())
    }

    /// Its name without the service's.
    pub(super) fn operation(&self) -> &str {
        self.name.strip_prefix("kms:").unwrap_or(&self.name)
    }
}

/// What services do to the key of a customer, or to their own.
const BY_SERVICES: &[&str] = &["Decrypt", "Encrypt", "GenerateDataKey"];
/// Beside the uses of a key.
const NEED_ENABLED: &[&str] = &[
    "CreateGrant",
    "DisableKeyRotation",
    "EnableKeyRotation",
    "RotateKeyOnDemand",
];
const NEED_LASTING: &[&str] = &[
    "CreateAlias",
    "DisableKey",
    "EnableKey",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
];
/// As the operations look their keys up. Others than these are refused, or not there yet.
const TAKEN: &[(Takes, &[&str])] = &[
    (
        Takes::Nothing,
        &[
            "CreateKey",
            "GenerateRandom",
            "ListAliases",
            "ListKeys",
            "ListRetirableGrants",
        ],
    ),
    (
        Takes::Use,
        &[
            "Decrypt",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "ReEncryptFrom",
            "ReEncryptTo",
        ],
    ),
    (Takes::AnyName, &["DescribeKey"]),
    (
        Takes::Key,
        &[
            "CreateGrant",
            "GetKeyRotationStatus",
            "ListGrants",
            "RetireGrant",
            "RevokeGrant",
        ],
    ),
    (Takes::Alias, &["CreateAlias", "DeleteAlias", "UpdateAlias"]),
    (
        Takes::OwnKey,
        &[
            "CancelKeyDeletion",
            "DisableKey",
            "DisableKeyRotation",
            "EnableKey",
            "EnableKeyRotation",
            "GetKeyPolicy",
            "ListKeyPolicies",
            "ListKeyRotations",
            "ListResourceTags",
            "PutKeyPolicy",
            "RotateKeyOnDemand",
            "ScheduleKeyDeletion",
            "TagResource",
            "UntagResource",
            "UpdateKeyDescription",
        ],
    ),
];

#[cfg(test)]
mod tests;
