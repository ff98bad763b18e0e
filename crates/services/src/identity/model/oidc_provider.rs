use crate::stored::stored;
use crate::tags::Tags;
use base::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Column, Key, Kind, key};

/// An OpenID Connect issuer whose tokens roles may trust.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OidcProvider {
    pub(crate) account: AccountId,
    /// The issuer without its scheme, such as `oidc.example.com/id/1`.
    pub(crate) url: String,
    /// The audiences that its tokens may have.
    pub(crate) client_ids: Vec<String>,
    pub(crate) thumbprints: Vec<String>,
    pub(crate) created: Timestamp,
    pub(crate) tags: Tags,
}

impl OidcProvider {
    pub(crate) fn key_of(account: &AccountId, url: &str) -> Key {
        key![account, url]
    }

    /// The provider's ARN.
    pub(crate) fn arn(&self) -> String {
        [
            "arn:aws:iam::",
            self.account.as_str(),
            ":oidc-provider/",
            &self.url,
        ]
        .concat()
    }
}

/// The kind of [`OidcProvider`].
pub(crate) static OIDC_PROVIDER: Kind = Kind {
    name: "iam_oidc_provider",
    service: "iam",
    version: 1,
    key: &[Column::text("account"), Column::text("url")],
    columns: &[],
    indexes: &[],
    cached: true,
};

stored!(OidcProvider as OIDC_PROVIDER,
    key: |it| Self::key_of(&it.account, &it.url),
    columns: |_it| Vec::new(),
    weight: |it| it.url.len()
        + it.tags.weight()
        + it.client_ids.iter().chain(&it.thumbprints).map(|text| text.len() + 24).sum::<usize>());
