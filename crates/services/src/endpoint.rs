//! Private endpoints: listeners with a name, a network, and a policy of their own.

use policy::{Form, Named, Policy, Problems};
use std::fmt;

/// A private endpoint, as AWS knows it: an interface VPC endpoint.
///
/// What comes in through it carries `aws:SourceVpce` and `aws:SourceVpc`, and may do no more than
/// its policy allows, whoever asks.
pub struct PrivateEndpoint {
    id: String,
    vpc: String,
    text: Box<str>,
    policy: Policy,
}

impl PrivateEndpoint {
    /// The endpoint `id` (`vpce-…`) in the network `vpc` (`vpc-…`). Without a policy it lets
    /// everything through that is otherwise allowed, as AWS's default policy does.
    ///
    /// # Errors
    /// When the policy is none.
    pub fn new(id: String, vpc: String, policy: Option<&str>) -> Result<Self, Problems> {
        let text = policy.unwrap_or(FULL_ACCESS);
        let policy = Policy::parse(text, Form::Endpoint)?;
        let text = text.into();
        Ok(Self {
            id,
            vpc,
            text,
            policy,
        })
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The id of its network.
    pub fn vpc(&self) -> &str {
        &self.vpc
    }

    /// Its policy, under its id.
    pub(crate) fn named(&self) -> Named<'_> {
        Named {
            name: &self.id,
            policy: &self.policy,
        }
    }
}

impl fmt::Debug for PrivateEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("PrivateEndpoint");
        shown.field("id", &self.id).field("vpc", &self.vpc);
        shown.field("policy", &self.text).finish()
    }
}

impl PartialEq for PrivateEndpoint {
    fn eq(&self, other: &Self) -> bool {
        (&self.id, &self.vpc, &self.text) == (&other.id, &other.vpc, &other.text)
    }
}

impl Eq for PrivateEndpoint {}

/// The policy of an endpoint that was given none.
const FULL_ACCESS: &str =
    r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(policy: Option<&str>) -> Result<PrivateEndpoint, Problems> {
        PrivateEndpoint::new("vpce-1".to_owned(), "vpc-1".to_owned(), policy)
    }

    #[test]
    fn without_a_policy_it_is_the_one_of_full_access() {
        let default = endpoint(None).unwrap();

        assert_eq!(default, endpoint(Some(FULL_ACCESS)).unwrap());
        assert_eq!((default.id(), default.vpc()), ("vpce-1", "vpc-1"));
        assert_eq!(default.named().name, "vpce-1");
    }

    #[test]
    fn a_policy_that_is_none_is_told_with_its_place() {
        let refused = endpoint(Some("{\n  \"Statement\": 1\n}")).unwrap_err();

        assert_eq!((refused.0[0].line, refused.0[0].column), (2, 16));
    }

    #[test]
    fn endpoints_differ_by_their_policies() {
        let deny = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;

        assert_ne!(endpoint(None).unwrap(), endpoint(Some(deny)).unwrap());
    }
}
