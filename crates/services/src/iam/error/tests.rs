//! What every variant answers.

use super::{Error, Remainder};
use base::{AwsError, CommonError, Denial};

/// Rows of variant, example, code, status and text. INVARIANT: the patterns are also the arms of a
/// match, so that a variant without a row does not compile.
macro_rules! replies {
    ($($variant:pat = $example:expr => $code:literal $status:literal $text:literal;)*) => {
        #[test]
        fn every_variant_has_its_code_status_and_text() {
            let has_a_row = |error: &Error| match error {
                $($variant => stringify!($variant),)*
            };

            $(
                let error = $example;

                assert_eq!(has_a_row(&error), stringify!($variant));
                assert_eq!(
                    (error.code(), error.status(), error.to_string().as_str()),
                    ($code, $status, $text),
                );
            )*
        }
    };
}

fn text(text: &str) -> String {
    text.to_owned()
}

replies! {
    Error::AccessKeyNotFound(_) = Error::AccessKeyNotFound(text("AKIA"))
        => "NoSuchEntity" 404 "The Access Key with id AKIA cannot be found.";
    Error::BoundaryNotAttachable(_) = Error::BoundaryNotAttachable(text("a"))
        => "NoSuchEntity" 404 "Scope ARN: a does not exist or is not attachable.";
    Error::BoundaryNotFound(_) = Error::BoundaryNotFound(text("r"))
        => "NoSuchEntity" 404 "Role r does not have a permissions boundary.";
    Error::CallerNotAUser(_) = Error::CallerNotAUser(text("a"))
        => "InvalidInput" 400 "CallerArn a is not the ARN of a user.";
    Error::Common(CommonError::AccessDenied(_))
        = Error::Common(CommonError::AccessDenied(Denial { text: text("no"), decided: None }))
        => "AccessDenied" 403 "no";
    Error::Common(CommonError::Conflict) = Error::Common(CommonError::Conflict)
        => "ServiceFailure" 500 "the operation met a concurrent change";
    Error::Common(CommonError::Unavailable(_)) = Error::Common(CommonError::Unavailable("away".into()))
        => "ServiceUnavailable" 503 "The service is temporarily unavailable. Try again later.";
    Error::Common(CommonError::Internal(_)) = Error::Common(CommonError::internal("the disk"))
        => "ServiceFailure" 500 "An internal error occurred. Try again later.";
    Error::DeleteConflict(Remainder::AccessKeys) = Error::DeleteConflict(Remainder::AccessKeys)
        => "DeleteConflict" 409 "Cannot delete entity, must delete access keys first.";
    Error::DeleteConflict(Remainder::AttachedPolicies)
        = Error::DeleteConflict(Remainder::AttachedPolicies)
        => "DeleteConflict" 409 "Cannot delete entity, must detach all policies first.";
    Error::DeleteConflict(Remainder::InlinePolicies)
        = Error::DeleteConflict(Remainder::InlinePolicies)
        => "DeleteConflict" 409 "Cannot delete entity, must delete policies first.";
    Error::DeleteConflict(Remainder::Memberships) = Error::DeleteConflict(Remainder::Memberships)
        => "DeleteConflict" 409 "Cannot delete entity, must remove users from group first.";
    Error::DuplicateTagKey = Error::DuplicateTagKey
        => "InvalidInput" 400
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    Error::EntityExists { .. } = Error::EntityExists { kind: "Role", name: text("r") }
        => "EntityAlreadyExists" 409 "Role with name r already exists.";
    Error::InvalidActionName(_) = Error::InvalidActionName(text("a"))
        => "InvalidInput" 400 "the action name `a` has no service prefix; write `service:Action`";
    Error::InvalidArn(_) = Error::InvalidArn(text("a"))
        => "InvalidInput" 400 "ARN a is not valid.";
    Error::InvalidEntityArn(_) = Error::InvalidEntityArn(text("a"))
        => "InvalidInput" 400 "Invalid Entity Arn: a";
    Error::InvalidIssuer = Error::InvalidIssuer
        => "ValidationError" 400 "Invalid Open ID Connect Provider URL";
    Error::InvalidMarker = Error::InvalidMarker
        => "ValidationError" 400 "Invalid Marker.";
    Error::InvalidResourceOwner(_) = Error::InvalidResourceOwner(text("a"))
        => "InvalidInput" 400 "Invalid ResourceOwner: a";
    Error::InvalidStatus(_) = Error::InvalidStatus(text("Expired"))
        => "InvalidInput" 400 "the status `Expired` cannot be set";
    Error::InvalidThumbprint(_) = Error::InvalidThumbprint(text("x"))
        => "InvalidInput" 400 "the thumbprint `x` is not 40 hexadecimal digits";
    Error::LimitExceeded { .. } = Error::LimitExceeded { quota: "PoliciesPerUser", limit: 20 }
        => "LimitExceeded" 409 "Cannot exceed quota for PoliciesPerUser: 20";
    Error::LoginProfileNotFound(_) = Error::LoginProfileNotFound(text("u"))
        => "NoSuchEntity" 404 "Login Profile for User u cannot be found.";
    Error::MalformedPolicy(_) = Error::MalformedPolicy(text("line 3, column 3: no comma"))
        => "MalformedPolicyDocument" 400 "line 3, column 3: no comma";
    Error::MalformedSimulatedPolicy { .. }
        = Error::MalformedSimulatedPolicy { id: text("p"), problems: text("no comma") }
        => "InvalidInput" 400 "p: no comma";
    Error::NoSuchEntity { .. } = Error::NoSuchEntity { kind: "role", name: text("r") }
        => "NoSuchEntity" 404 "The role with name r cannot be found.";
    Error::NotInGroup { .. } = Error::NotInGroup { user: text("u"), group: text("g") }
        => "NoSuchEntity" 404 "User u not in group g";
    Error::PolicyAttached = Error::PolicyAttached
        => "DeleteConflict" 409 "Cannot delete a policy attached to entities.";
    Error::PolicyExists(_) = Error::PolicyExists(text("p"))
        => "EntityAlreadyExists" 409
        "A policy called p already exists. Duplicate names are not allowed.";
    Error::PolicyHasVersions = Error::PolicyHasVersions
        => "DeleteConflict" 409
        "This policy has more than one version. Before you delete a policy, you must delete the \
         policy's versions. The default version is deleted with the policy.";
    Error::PolicyNotAttachable(_) = Error::PolicyNotAttachable(text("a"))
        => "NoSuchEntity" 404 "Policy a does not exist or is not attachable.";
    Error::PolicyNotFound(_) = Error::PolicyNotFound(text("a"))
        => "NoSuchEntity" 404 "Policy a was not found.";
    Error::PolicyTooLarge { .. }
        = Error::PolicyTooLarge { kind: "user", name: text("u"), limit: 2_048 }
        => "LimitExceeded" 409 "Maximum policy size of 2048 bytes exceeded for user u";
    Error::PolicyUnmodifiable(_) = Error::PolicyUnmodifiable(text("a"))
        => "UnmodifiableEntity" 400 "Policy a cannot be modified.";
    Error::PolicyVersionNotFound { .. }
        = Error::PolicyVersionNotFound { arn: text("a"), version: text("v2") }
        => "NoSuchEntity" 404 "Policy a version v2 does not exist or is not attachable.";
    Error::ProviderExists(_) = Error::ProviderExists(text("https://i"))
        => "EntityAlreadyExists" 409 "Provider with url https://i already exists.";
    Error::ProviderNotFound(_) = Error::ProviderNotFound(text("a"))
        => "NoSuchEntity" 404 "OpenIDConnect Provider not found for arn a";
    Error::QuotaReached = Error::QuotaReached
        => "LimitExceeded" 409 "Cannot exceed quota for this kind of entity in the account.";
    Error::ReservedTagKey = Error::ReservedTagKey
        => "InvalidInput" 400 "System tags cannot be added/updated by requester";
    Error::SecondRootKey = Error::SecondRootKey
        => "LimitExceeded" 409
        "the root user has its one access key already: delete it first, or renew it on the host";
    Error::TagWithoutKey = Error::TagWithoutKey
        => "InvalidInput" 400 "Tag key must not be null";
    Error::TooManyBoundaries = Error::TooManyBoundaries
        => "InvalidInput" 400 "PermissionsBoundaryPolicyInputList must contain only one policy";
    Error::TooManyTags = Error::TooManyTags
        => "LimitExceeded" 409 "The number of tags has reached the maximum limit";
    Error::TooManyThumbprints = Error::TooManyThumbprints
        => "InvalidInput" 400 "Thumbprint list must contain fewer than 5 entries.";
    Error::TooManyVersions = Error::TooManyVersions
        => "LimitExceeded" 409
        "A managed policy can have up to 5 versions. Before you create a new version, you must \
         delete an existing version.";
    Error::UserNotNamed = Error::UserNotNamed
        => "ValidationError" 400 "Must specify userName when calling with non-User credentials";
    Error::VersionIsDefault = Error::VersionIsDefault
        => "DeleteConflict" 409 "Cannot delete the default version of a policy.";
}
