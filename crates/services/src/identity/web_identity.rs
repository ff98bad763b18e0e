use std::sync::OnceLock;

/// A caller without credentials of ours, for whom an OpenID Connect provider vouches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WebIdentity {
    /// The provider's ARN.
    pub(crate) provider: String,
    /// For which client of the provider.
    pub(crate) audience: String,
    /// Who, in the provider's words.
    pub(crate) subject: String,
    /// Condition keys that the token gives, such as `oidc.example.com:sub`. A key may stand more
    /// than once.
    pub(crate) claims: Vec<(String, String)>,
}

impl WebIdentity {
    /// The id that CloudTrail gives to the caller.
    pub(crate) fn id(&self) -> String {
        let Self {
            provider,
            audience,
            subject,
            ..
        } = self;
        format!("{provider}:{audience}:{subject}")
    }
}

/// Where it is noted who the caller of an unsigned request turned out to be: for conditions, and
/// for the audit record of whatever comes of it.
pub(crate) type Vouched = OnceLock<WebIdentity>;
