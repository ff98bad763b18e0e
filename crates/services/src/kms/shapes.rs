//! The constraints of the API model, each written once.

use wire::{Pattern, Shape, UNBOUNDED, patterns};

pub(super) const ALGORITHM: Shape = Shape::one_of(&[
    "SYMMETRIC_DEFAULT",
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "SM2PKE",
]);
pub(super) const ALIAS_NAME: Shape = Shape::text(1, 256).matching(&ALIAS_NAME_PATTERN);
pub(super) const ATTESTATION_DOCUMENT: Shape = Shape::blob(1, 262_144);
pub(super) const BOOLEAN: Shape = Shape::boolean();
pub(super) const CIPHERTEXT: Shape = Shape::blob(1, 6_144);
/// Deprecated in favour of [`KEY_SPEC`].
pub(super) const CUSTOMER_MASTER_KEY_SPEC: Shape = Shape::one_of(&[
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SYMMETRIC_DEFAULT",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
]);
pub(super) const CUSTOM_KEY_STORE_ID: Shape = Shape::text(1, 64);
pub(super) const DATA_KEY_SPEC: Shape = Shape::one_of(&["AES_256", "AES_128"]);
pub(super) const DESCRIPTION: Shape = Shape::text(0, 8_192);
pub(super) const DRY_RUN_MODIFIERS: Shape = Shape::list(&DRY_RUN_MODIFIER, 0, UNBOUNDED);
const DRY_RUN_MODIFIER: Shape = Shape::one_of(&["IGNORE_CIPHERTEXT"]);
pub(super) const ENCRYPTION_CONTEXT: Shape = Shape::map(&CONTEXT_VALUE);
const CONTEXT_VALUE: Shape = Shape::text(0, UNBOUNDED);
pub(super) const GRANT_ID: Shape = Shape::text(1, 128);
pub(super) const GRANT_NAME: Shape = Shape::text(1, 256).matching(&ALIAS_NAME_PATTERN);
pub(super) const GRANT_OPERATIONS: Shape = Shape::list(&GRANT_OPERATION, 0, UNBOUNDED);
const GRANT_OPERATION: Shape = Shape::one_of(&[
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "Sign",
    "Verify",
    "GetPublicKey",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
    "Encapsulate",
    "Decapsulate",
]);
/// A bearer's proof of nothing here, and all the same never shown.
pub(super) const GRANT_TOKEN: Shape = Shape::text(1, 8_192).sensitive();
pub(super) const GRANT_TOKENS: Shape = Shape::list(&GRANT_TOKEN, 0, 10);
pub(super) const INCLUDE_KEY_MATERIAL: Shape =
    Shape::one_of(&["ALL_KEY_MATERIAL", "ROTATIONS_ONLY"]);
pub(super) const KEY_ENCRYPTION_ALGORITHM: Shape = Shape::one_of(&["RSAES_OAEP_SHA_256"]);
pub(super) const KEY_ID: Shape = Shape::text(1, 2_048);
pub(super) const KEY_SPEC: Shape = Shape::one_of(&[
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SYMMETRIC_DEFAULT",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "ECC_NIST_EDWARDS25519",
    "ML_KEM_512",
    "ML_KEM_768",
    "ML_KEM_1024",
]);
pub(super) const KEY_USAGE: Shape = Shape::one_of(&[
    "SIGN_VERIFY",
    "ENCRYPT_DECRYPT",
    "GENERATE_VERIFY_MAC",
    "KEY_AGREEMENT",
    "ENCAPSULATE_DECAPSULATE",
]);
pub(super) const LIMIT: Shape = Shape::integer().between(1, 1_000);
pub(super) const MARKER: Shape = Shape::text(1, 1_024).matching(&MARKER_PATTERN);
pub(super) const NUMBER_OF_BYTES: Shape = Shape::integer().between(1, 1_024);
pub(super) const ORIGIN: Shape =
    Shape::one_of(&["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"]);
/// Wider than the service: it checks 7 to 30 itself.
pub(super) const PENDING_WINDOW: Shape = Shape::integer().between(1, 365);
pub(super) const PLAINTEXT: Shape = Shape::blob(1, 4_096);
pub(super) const POLICY: Shape = Shape::text(1, 131_072).matching(&patterns::DOCUMENT);
pub(super) const POLICY_NAME: Shape = Shape::text(1, 128).matching(&POLICY_NAME_PATTERN);
pub(super) const PRINCIPAL: Shape = Shape::text(1, 256).matching(&PRINCIPAL_PATTERN);
pub(super) const RESOURCE_OWNERS: Shape = Shape::list(&RESOURCE_OWNER, 1, 2);
const RESOURCE_OWNER: Shape = Shape::one_of(&["SELF", "OTHER_ACCOUNTS_VIA_RAM"]);
pub(super) const ROTATION_PERIOD: Shape = Shape::integer().between(90, 2_560);
pub(super) const SERVICE_PRINCIPAL: Shape = Shape::text(1, 128).matching(&SERVICE_PATTERN);
pub(super) const SOURCE_ARN: Shape = Shape::text(20, 512).matching(&SOURCE_ARN_PATTERN);
pub(super) const TAG_KEY: Shape = Shape::text(1, 128);
pub(super) const TAG_KEYS: Shape = Shape::list(&TAG_KEY, 0, UNBOUNDED);
pub(super) const TAG_VALUE: Shape = Shape::text(0, 256);
pub(super) const XKS_KEY_ID: Shape = Shape::text(1, 128).matching(&XKS_KEY_ID_PATTERN);

static ALIAS_NAME_PATTERN: Pattern = Pattern {
    text: "^[a-zA-Z0-9:/_-]+$",
    matches: |text| some(text, |c| c.is_ascii_alphanumeric() || ":/_-".contains(c)),
    example: "alias/x",
    counterexample: "alias/a b",
};

static MARKER_PATTERN: Pattern = Pattern {
    text: r"[\u0020-\u00FF]*",
    matches: |text| text.chars().all(|c| matches!(c, ' '..='\u{ff}')),
    example: "marker",
    counterexample: "\u{100}",
};

static POLICY_NAME_PATTERN: Pattern = Pattern {
    text: r"[\w]+",
    matches: |text| some(text, |c| c.is_ascii_alphanumeric() || c == '_'),
    example: "default",
    counterexample: "de fault",
};

static PRINCIPAL_PATTERN: Pattern = Pattern {
    text: r"^[\w+=,.@:/-]+$",
    matches: |text| {
        some(text, |c| {
            c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c)
        })
    },
    example: "arn:aws:iam::123456789012:root",
    counterexample: "arn:aws:iam::123456789012:user/a b",
};

static SERVICE_PATTERN: Pattern = Pattern {
    text: r"^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$",
    matches: |text| {
        let is_part = |part: &str| some(part, |c| c.is_ascii_alphanumeric() || c == '-');
        text.split('.').count() >= 3 && text.split('.').all(is_part)
    },
    example: "lambda.amazonaws.com",
    counterexample: "lambda",
};

static SOURCE_ARN_PATTERN: Pattern = Pattern {
    text: "^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$",
    matches: is_source_arn,
    example: "arn:aws:s3:us-east-1:123456789012:bucket",
    counterexample: "arn:aws:s3:us-east-1:1234:a-bucket",
};

static XKS_KEY_ID_PATTERN: Pattern = Pattern {
    text: "^[a-zA-Z0-9-_.]+$",
    matches: |text| some(text, |c| c.is_ascii_alphanumeric() || "-_.".contains(c)),
    example: "key-1",
    counterexample: "key 1",
};

fn is_source_arn(text: &str) -> bool {
    let is_word = |part: &str| {
        part.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let Ok(arn) = base::Arn::parse(text) else {
        return false;
    };
    arn.partition.strip_prefix("aws").is_some_and(is_word)
        && !arn.service.is_empty()
        && is_word(&arn.service)
        && is_word(&arn.region)
        && base::AccountId::parse(&arn.account).is_ok()
        && !arn.resource.is_empty()
        && !arn.resource.contains('\n')
}

/// Whether `text` is not empty and all of it `is_allowed`.
fn some(text: &str, is_allowed: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_tells_its_example_from_its_counterexample() {
        for pattern in [
            &ALIAS_NAME_PATTERN,
            &MARKER_PATTERN,
            &POLICY_NAME_PATTERN,
            &PRINCIPAL_PATTERN,
            &SERVICE_PATTERN,
            &SOURCE_ARN_PATTERN,
            &XKS_KEY_ID_PATTERN,
        ] {
            assert!((pattern.matches)(pattern.example), "{}", pattern.text);
            assert!(
                !(pattern.matches)(pattern.counterexample),
                "{}",
                pattern.text
            );
        }
    }

    #[test]
    fn a_service_has_three_parts_and_a_source_is_an_arn() {
        for (text, expected) in [
            ("a.b.c", true),
            ("a.b.c.d", true),
            ("a.b", false),
            ("a..c", false),
            ("a.b.c.", false),
            ("a_.b.c", false),
        ] {
            assert_eq!((SERVICE_PATTERN.matches)(text), expected, "{text}");
        }
        for (text, expected) in [
            ("arn:aws-cn:s3::123456789012:x", true),
            ("arn:aws:s3::123456789012:", false),
            ("arn:gcp:s3::123456789012:x", false),
            ("arn:aws:S3::123456789012:x", false),
            ("arn:aws:::123456789012:x", false),
        ] {
            assert_eq!((SOURCE_ARN_PATTERN.matches)(text), expected, "{text}");
        }
    }
}
