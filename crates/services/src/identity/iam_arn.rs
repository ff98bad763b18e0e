//! ARNs of what IAM keeps, as callers write them.
//!
//! `arn:aws:iam::<account>:<kind>/<path><name>`: one partition, no Region. Whether there is such a
//! thing is the reader's to find out: the path may be another than the one it has.

use base::AccountId;

/// The ARN of a user, group, role, policy or provider, in its parts. Borrowed from the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IamArn<'a> {
    account: &'a str,
    pub(crate) kind: IamKind,
    /// With both its slashes: `/` or `/a/b/`.
    pub(crate) path: &'a str,
    /// Never empty. Of a provider the whole URL, which has no path before it.
    pub(crate) name: &'a str,
}

/// What an ARN of IAM's is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IamKind {
    Group,
    OidcProvider,
    Policy,
    Role,
    SamlProvider,
    User,
}

impl<'a> IamArn<'a> {
    /// The parts of `text`; `None` when it is no such ARN.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (account, resource) = text.strip_prefix("arn:aws:iam::")?.split_once(':')?;
        let (kind, _) = resource.split_once('/')?;
        let rest = resource.strip_prefix(kind)?;
        let kind = IamKind::of(kind)?;
        let slash = match kind {
            IamKind::OidcProvider | IamKind::SamlProvider => 0,
            IamKind::Group | IamKind::Policy | IamKind::Role | IamKind::User => rest.rfind('/')?,
        };
        let (path, name) = rest.split_at_checked(slash + 1)?;
        let is_number = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let is_of_aws = account == AWS && kind == IamKind::Policy;
        ((is_number || is_of_aws) && !name.is_empty()).then_some(Self {
            account,
            kind,
            path,
            name,
        })
    }

    /// The account; `None` for a policy of AWS's.
    pub(crate) fn account(&self) -> Option<AccountId> {
        AccountId::parse(self.account).ok()
    }
}

impl IamKind {
    fn of(text: &str) -> Option<Self> {
        Some(match text {
            "group" => Self::Group,
            "oidc-provider" => Self::OidcProvider,
            "policy" => Self::Policy,
            "role" => Self::Role,
            "saml-provider" => Self::SamlProvider,
            "user" => Self::User,
            _ => return None,
        })
    }
}

/// Whose the policies of AWS's are.
const AWS: &str = "aws";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_arn_are_told_apart() {
        for (resource, kind, path, name) in [
            ("user/ann", IamKind::User, "/", "ann"),
            ("user/a/b/ann", IamKind::User, "/a/b/", "ann"),
            ("user//ann", IamKind::User, "//", "ann"),
            ("group/team", IamKind::Group, "/", "team"),
            ("role/a/reader", IamKind::Role, "/a/", "reader"),
            ("role/a:b", IamKind::Role, "/", "a:b"),
            ("policy/a/b/reader", IamKind::Policy, "/a/b/", "reader"),
            ("saml-provider/corp", IamKind::SamlProvider, "/", "corp"),
            (
                "oidc-provider/issuer.example:6443/id/",
                IamKind::OidcProvider,
                "/",
                "issuer.example:6443/id/",
            ),
        ] {
            let text = format!("arn:aws:iam::123456789012:{resource}");

            let expected = IamArn {
                account: "123456789012",
                kind,
                path,
                name,
            };
            assert_eq!(IamArn::parse(&text), Some(expected), "{text}");
        }
    }

    #[test]
    fn policies_may_be_of_aws() {
        let of_aws = IamArn::parse("arn:aws:iam::aws:policy/service-role/Basic").unwrap();
        let own = IamArn::parse("arn:aws:iam::123456789012:policy/reader").unwrap();

        assert_eq!(
            (of_aws.account(), of_aws.path, of_aws.name),
            (None, "/service-role/", "Basic")
        );
        assert_eq!(own.account(), AccountId::parse("123456789012").ok());
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "",
            "reader",
            "arn:aws:iam::123456789012",
            "arn:aws:iam::123456789012:root",
            "arn:aws:iam::123456789012:role",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role/a/",
            "arn:aws:iam::123456789012:rolereader",
            "arn:aws:iam::123456789012:roles/reader",
            "arn:aws:iam::123456789012:/reader",
            "arn:aws:iam::123456789012:mfa/reader",
            "arn:aws:iam::123456789012:oidc-provider/",
            "arn:aws:iam::12345678901:role/reader",
            "arn:aws:iam::12345678901é:role/reader",
            "arn:aws:iam::aws:role/reader",
            "arn:aws:iam::aws:oidc-provider/issuer.example",
            "arn:aws:iam:us-east-1:123456789012:role/reader",
            "arn:aws:sts::123456789012:assumed-role/reader/s",
            "arn:aws:sts::123456789012:role/reader",
            "arn:aws-cn:iam::123456789012:role/reader",
            "urn:aws:iam::123456789012:role/reader",
        ] {
            assert_eq!(IamArn::parse(text), None, "{text}");
        }
    }
}
