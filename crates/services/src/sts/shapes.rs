//! The shapes of STS's parameters, as its model declares them.

use wire::{Input as _, Shape, patterns};

/// An ARN.
pub(crate) const ARN: Shape = Shape::text(20, 2048).matching(&patterns::ARN);
/// How long a session of a role lasts.
pub(crate) const ROLE_DURATION: Shape = Shape::integer().between(900, 43_200);
/// How long a session of a user lasts.
pub(crate) const USER_DURATION: Shape = Shape::integer().between(900, 129_600);
/// What a role's owner asks of somebody who acts for many.
pub(crate) const EXTERNAL_ID: Shape = Shape::text(2, 1224).matching(&patterns::EXTERNAL_ID);
/// How large a token should be at least.
pub(crate) const TOKEN_SIZE: Shape = Shape::integer().between(0, 4096);
/// A session policy.
pub(crate) const POLICY: Shape = Shape::text(1, 2048).matching(&patterns::DOCUMENT);
/// Managed policies as session policies.
pub(crate) const POLICY_ARNS: Shape = Shape::list(&POLICY_ARN, 0, 10);
const POLICY_ARN: Shape = Shape::structure(PolicyArn::SHAPE);
/// The provider of a token that is none of OpenID Connect.
pub(crate) const PROVIDER_ID: Shape = Shape::text(4, 2048);
/// What trusted providers say of the caller.
pub(crate) const PROVIDED_CONTEXTS: Shape = Shape::list(&PROVIDED_CONTEXT, 1, 5);
const PROVIDED_CONTEXT: Shape = Shape::structure(ProvidedContext::SHAPE);
const CONTEXT_ASSERTION: Shape = Shape::text(4, 2048);
/// The serial number of a device.
pub(crate) const SERIAL_NUMBER: Shape = Shape::text(9, 256).matching(&patterns::SERIAL_NUMBER);
/// The name of a session.
pub(crate) const SESSION_NAME: Shape = Shape::text(2, 64).matching(&patterns::SESSION_NAME);
/// Who it is behind all sessions.
pub(crate) const SOURCE_IDENTITY: Shape = Shape::text(2, 64).matching(&patterns::SESSION_NAME);
/// Session tags.
pub(crate) const TAGS: Shape = Shape::list(&TAG, 0, 50);
const TAG: Shape = Shape::structure(Tag::SHAPE);
const TAG_KEY: Shape = Shape::text(1, 128).matching(&patterns::TAG_KEY);
const TAG_VALUE: Shape = Shape::text(0, 256).matching(&patterns::TAG_VALUE);
/// The keys of session tags.
pub(crate) const TAG_KEYS: Shape = Shape::list(&TAG_KEY, 0, 50);
/// The code that a device shows.
pub(crate) const TOKEN_CODE: Shape = Shape::text(6, 6).matching(&patterns::TOKEN_CODE);
/// A web identity token.
pub(crate) const WEB_IDENTITY_TOKEN: Shape = Shape::text(4, 20_000).sensitive();

wire::input! {
    /// A managed policy.
    pub(crate) struct PolicyArn {
        pub(crate) arn: Option<String> = audited "arn" ARN,
    }
}

wire::input! {
    /// What a trusted provider says.
    pub(crate) struct ProvidedContext {
        provider: Option<String> = audited "ProviderArn" ARN,
        assertion: Option<String> = "ContextAssertion" CONTEXT_ASSERTION,
    }
}

wire::input! {
    /// A session tag.
    pub(crate) struct Tag {
        pub(crate) key: String = required audited "Key" TAG_KEY,
        pub(crate) value: String = required audited "Value" TAG_VALUE,
    }
}
