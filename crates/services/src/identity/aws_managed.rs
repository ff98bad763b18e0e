//! AWS managed policies, under the ARNs by which existing configurations name them.
//!
//! COMPAT: the documents follow AWS's published ones in what concerns the services that exist
//! here; statements about others are kept, since they do no harm and clients compare. So are
//! descriptions, misprints included.

use crate::document::IdentityDocument;
use base::Timestamp;
use std::sync::OnceLock;

/// A policy that AWS publishes. Nobody can change it.
pub(crate) struct AwsManaged {
    pub(crate) arn: &'static str,
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    /// The unique id, `ANPA…`.
    pub(crate) id: &'static str,
    pub(crate) description: &'static str,
    /// The version in force; the only one that is shown.
    pub(crate) version: u32,
    /// When its first version was published.
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    text: &'static str,
    document: OnceLock<IdentityDocument>,
}

impl AwsManaged {
    /// The document.
    pub(crate) fn document(&self) -> &IdentityDocument {
        self.document
            .get_or_init(|| IdentityDocument::stored(self.text))
    }
}

/// The policy with this ARN.
pub(crate) fn find(arn: &str) -> Option<&'static AwsManaged> {
    if !arn.starts_with("arn:aws:iam::aws:policy/") {
        return None;
    }
    ALL.iter().find(|policy| policy.arn == arn)
}

/// All of them, by name.
pub(crate) static ALL: [AwsManaged; 5] = [
    AwsManaged {
        arn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        name: "AWSLambdaBasicExecutionRole",
        path: "/service-role/",
        id: "ANPAJNCQGXC42545SKXIK",
        description: "Provides write permissions to CloudWatch Logs.",
        version: 1,
        created: Timestamp::from_millis(1_428_591_585_000),
        updated: Timestamp::from_millis(1_428_591_585_000),
        text: include_str!("aws_managed/AWSLambdaBasicExecutionRole.json"),
        document: OnceLock::new(),
    },
    AwsManaged {
        arn: "arn:aws:iam::aws:policy/AWSSecretsManagerClientReadOnlyAccess",
        name: "AWSSecretsManagerClientReadOnlyAccess",
        path: "/",
        id: "ANPA2SRCLTREADONLYACC",
        description: "Provides access to retrieve and describe secrets from Secrets Manager. This policy also allows decrypting KMS keys for Secrets Manager secrets.",
        version: 4,
        created: Timestamp::from_millis(1_762_373_040_000),
        updated: Timestamp::from_millis(1_780_432_920_000),
        text: include_str!("aws_managed/AWSSecretsManagerClientReadOnlyAccess.json"),
        document: OnceLock::new(),
    },
    AwsManaged {
        arn: "arn:aws:iam::aws:policy/AdministratorAccess",
        name: "AdministratorAccess",
        path: "/",
        id: "ANPAIWMBCKSKIEE64ZLYK",
        description: "Provides full access to AWS services and resources.",
        version: 1,
        created: Timestamp::from_millis(1_423_248_046_000),
        updated: Timestamp::from_millis(1_423_248_046_000),
        text: include_str!("aws_managed/AdministratorAccess.json"),
        document: OnceLock::new(),
    },
    AwsManaged {
        arn: "arn:aws:iam::aws:policy/IAMFullAccess",
        name: "IAMFullAccess",
        path: "/",
        id: "ANPAI7XKCFMBPM3QQRRVQ",
        description: "Provides full access to IAM via the AWS Management Console.",
        version: 2,
        created: Timestamp::from_millis(1_423_248_038_000),
        updated: Timestamp::from_millis(1_561_137_599_000),
        text: include_str!("aws_managed/IAMFullAccess.json"),
        document: OnceLock::new(),
    },
    AwsManaged {
        arn: "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
        name: "SecretsManagerReadWrite",
        path: "/",
        id: "ANPAI3VG7CI5BIQZQ6G2E",
        description: "Provides read/write access to AWS Secrets Manager via the AWS Management Console. Note: this exludes IAM actions, so combine with IAMFullAccess if rotation configuration is required.",
        version: 5,
        created: Timestamp::from_millis(1_522_865_331_000),
        updated: Timestamp::from_millis(1_708_624_800_000),
        text: include_str!("aws_managed/SecretsManagerReadWrite.json"),
        document: OnceLock::new(),
    },
];
