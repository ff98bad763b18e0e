//! Which operations share a bucket, and how much it gives.
//!
//! The numbers are AWS's where AWS tells them: Secrets Manager (behaviour reference §14), KMS ("Request
//! quotas" of its developer guide; the shared rate of cryptographic operations is that of most
//! Regions), STS, Lambda, CloudWatch Logs. Of the others AWS tells none: what reads and what writes
//! has a bucket each. Nothing here knows whether an operation is built.

use crate::numbering::{number_of, numbered};
use crate::operation::OperationInfo;
use crate::service::{SERVICES, Service};
use std::num::NonZeroU32;
use std::sync::LazyLock;

/// Operations that share a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateGroup {
    /// The service, as signatures write it.
    pub service: &'static str,
    /// What shares the bucket, in alphabetical order.
    pub operations: Vec<&'static str>,
    /// AWS's rate, or what stands for it.
    pub per_second: NonZeroU32,
}

impl RateGroup {
    /// Whether the group has `action`, such as `secretsmanager:GetSecretValue`.
    pub fn has(&self, action: &str) -> bool {
        action.split_once(':').is_some_and(|(service, operation)| {
            self.service == service && self.operations.contains(&operation)
        })
    }
}

/// Every group.
pub(crate) fn rate_groups() -> &'static [RateGroup] {
    &GROUPS.all
}

/// The group of every operation, by the operation's number. What names no operation has none.
pub(super) fn by_operation() -> Vec<u16> {
    GROUPS.of_operation.clone()
}

struct Groups {
    all: Vec<RateGroup>,
    of_operation: Vec<u16>,
}

static GROUPS: LazyLock<Groups> = LazyLock::new(|| {
    let mut groups = Groups {
        all: Vec::new(),
        of_operation: numbered().map(|_| u16::MAX).collect(),
    };
    for service in SERVICES {
        groups.add(service);
    }
    groups
});

impl Groups {
    fn add(&mut self, service: &'static Service) {
        let own: Vec<&Shared> = TABLE
            .iter()
            .filter(|one| one.service == service.name)
            .collect();
        let is_named = |info: &OperationInfo| own.iter().any(|one| one.has(info));
        for shared in &own {
            self.gather(service, shared.per_second, |info| shared.has(info));
        }
        let rest = REST.iter().find(|(name, _)| *name == service.name);
        match rest.map_or(USUAL_REST, |(_, rest)| *rest) {
            Rest::Together(rate) => self.gather(service, rate, |info| !is_named(info)),
            Rest::Apart { reads, writes } => {
                self.gather(service, reads, |info| !is_named(info) && info.read_only);
                self.gather(service, writes, |info| !is_named(info) && !info.read_only);
            }
        }
    }

    fn gather(
        &mut self,
        service: &'static Service,
        per_second: u32,
        belongs: impl Fn(&OperationInfo) -> bool,
    ) {
        let number = u16::try_from(self.all.len()).unwrap_or(u16::MAX);
        let mut operations = Vec::new();
        for entry in service.operations {
            let place = self.of_operation.get_mut(number_of(service, Some(entry)));
            if let Some(place) = place.filter(|_| entry.info.signed && belongs(&entry.info)) {
                *place = number;
                operations.push(entry.info.name);
            }
        }
        if !operations.is_empty() {
            self.all.push(RateGroup {
                service: service.name,
                operations,
                per_second: NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN),
            });
        }
    }
}

/// Operations that AWS counts together.
struct Shared {
    service: &'static str,
    operations: &'static [&'static str],
    per_second: u32,
}

impl Shared {
    fn has(&self, info: &OperationInfo) -> bool {
        self.operations.contains(&info.name)
    }
}

/// What is done with the operations of a service that [`TABLE`] does not name.
#[derive(Clone, Copy)]
enum Rest {
    Together(u32),
    Apart { reads: u32, writes: u32 },
}

const fn shared(
    service: &'static str,
    per_second: u32,
    operations: &'static [&'static str],
) -> Shared {
    Shared {
        service,
        operations,
        per_second,
    }
}

const SECRETS: &str = "secretsmanager";
const KMS: &str = "kms";
const LAMBDA: &str = "lambda";
const LOGS: &str = "logs";

static TABLE: &[Shared] = &[
    shared(SECRETS, 10_000, &["DescribeSecret", "GetSecretValue"]),
    shared(SECRETS, 100, &["BatchGetSecretValue"]),
    shared(SECRETS, 100, &["ListSecrets"]),
    shared(SECRETS, 50, &["ListSecretVersionIds"]),
    shared(SECRETS, 50, &["CreateSecret"]),
    shared(SECRETS, 50, &["DeleteSecret"]),
    shared(SECRETS, 50, &["GetRandomPassword"]),
    shared(SECRETS, 50, &["RestoreSecret"]),
    shared(SECRETS, 50, &["CancelRotateSecret", "RotateSecret"]),
    shared(SECRETS, 50, &["TagResource", "UntagResource"]),
    shared(
        SECRETS,
        50,
        &[
            "DeleteResourcePolicy",
            "GetResourcePolicy",
            "ListResourcePolicies",
            "PutResourcePolicy",
            "ValidateResourcePolicy",
        ],
    ),
    shared(
        SECRETS,
        50,
        &[
            "AssociateCrossAccountReplica",
            "DisassociateCrossAccountReplica",
            "PutSecretValue",
            "RemoveRegionsFromReplication",
            "ReplicateSecretToRegions",
            "StopReplicationToReplica",
            "UpdateSecret",
            "UpdateSecretVersionStage",
        ],
    ),
    shared(
        KMS,
        10_000,
        &[
            "Decrypt",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateMac",
            "GenerateRandom",
            "ReEncrypt",
            "VerifyMac",
        ],
    ),
    shared("cloudtrail", 2, &["LookupEvents"]),
    shared(KMS, 5, &["CancelKeyDeletion"]),
    shared(KMS, 5, &["CreateAlias"]),
    shared(KMS, 50, &["CreateGrant"]),
    shared(KMS, 5, &["CreateKey"]),
    shared(KMS, 15, &["DeleteAlias"]),
    shared(KMS, 2_000, &["DescribeKey"]),
    shared(KMS, 5, &["DisableKey"]),
    shared(KMS, 5, &["DisableKeyRotation"]),
    shared(KMS, 5, &["EnableKey"]),
    shared(KMS, 15, &["EnableKeyRotation"]),
    shared(KMS, 1_000, &["GetKeyPolicy"]),
    shared(KMS, 1_000, &["GetKeyRotationStatus"]),
    shared(KMS, 500, &["ListAliases"]),
    shared(KMS, 100, &["ListGrants"]),
    shared(KMS, 100, &["ListKeyPolicies"]),
    shared(KMS, 100, &["ListKeyRotations"]),
    shared(KMS, 500, &["ListKeys"]),
    shared(KMS, 2_000, &["ListResourceTags"]),
    shared(KMS, 100, &["ListRetirableGrants"]),
    shared(KMS, 15, &["PutKeyPolicy"]),
    shared(KMS, 30, &["RetireGrant"]),
    shared(KMS, 30, &["RevokeGrant"]),
    shared(KMS, 5, &["RotateKeyOnDemand"]),
    shared(KMS, 15, &["ScheduleKeyDeletion"]),
    shared(KMS, 10, &["TagResource"]),
    shared(KMS, 5, &["UntagResource"]),
    shared(KMS, 5, &["UpdateAlias"]),
    shared(KMS, 5, &["UpdateKeyDescription"]),
    shared(LAMBDA, 10_000, &["Invoke"]),
    shared(LAMBDA, 100, &["GetFunction"]),
    shared(LAMBDA, 15, &["GetPolicy"]),
    shared(LOGS, 5_000, &["PutLogEvents"]),
    shared(LOGS, 25, &["GetLogEvents"]),
    shared(LOGS, 25, &["FilterLogEvents"]),
    shared(LOGS, 10, &["DescribeLogGroups"]),
    shared(LOGS, 25, &["DescribeLogStreams"]),
    shared(LOGS, 10, &["CreateLogGroup"]),
    shared(LOGS, 50, &["CreateLogStream"]),
];

static REST: &[(&str, Rest)] = &[
    // The control plane: everything but the three above.
    (LAMBDA, Rest::Together(15)),
    ("sts", Rest::Together(600)),
];

const USUAL_REST: Rest = Rest::Apart {
    reads: 100,
    writes: 50,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signed_operation_is_in_exactly_one_group() {
        for service in SERVICES {
            for entry in service.operations {
                let action = format!("{}:{}", service.name, entry.info.name);
                let groups = rate_groups().iter().filter(|group| group.has(&action));
                let signed = usize::from(entry.info.signed);
                assert_eq!(groups.count(), signed, "{action}");
            }
        }
    }

    #[test]
    fn numbers_lead_to_the_group_that_has_the_operation() {
        let of_operation = by_operation();

        for (number, (service, entry)) in numbered().enumerate() {
            let group = rate_groups().get(usize::from(of_operation[number]));
            match entry.filter(|entry| entry.info.signed) {
                Some(entry) => {
                    let action = format!("{}:{}", service.name, entry.info.name);
                    assert!(group.unwrap().has(&action), "{action}");
                }
                None => assert!(group.is_none()),
            }
        }
    }

    #[test]
    fn all_of_secrets_manager_is_in_the_table() {
        let named = TABLE.iter().filter(|one| one.service == SECRETS);
        let named: Vec<_> = named.flat_map(|one| one.operations).copied().collect();

        let service = &crate::secretsmanager::SERVICE;
        let built = service.operations.iter().map(|one| one.info.name);
        let missing: Vec<_> = built.filter(|name| !named.contains(name)).collect();
        assert_eq!(missing, Vec::<&str>::new());
    }

    #[test]
    fn the_rates_are_those_of_the_reference() {
        for (action, per_second) in [
            ("secretsmanager:GetSecretValue", 10_000),
            ("secretsmanager:PutSecretValue", 50),
            ("secretsmanager:BatchGetSecretValue", 100),
            ("kms:Decrypt", 10_000),
            ("kms:CreateKey", 5),
            ("sts:GetCallerIdentity", 600),
            ("lambda:CreateFunction", 15),
            ("iam:CreateUser", 50),
            ("iam:ListUsers", 100),
        ] {
            let group = rate_groups().iter().find(|group| group.has(action));
            assert_eq!(group.unwrap().per_second.get(), per_second, "{action}");
        }
    }
}
