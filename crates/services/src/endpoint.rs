//! Private endpoints: listeners with a name, a network, and a policy of their own.

use policy::{Form, Named, Policy, Problems};

/// A private endpoint, as AWS knows it: an interface VPC endpoint.
///
/// What comes in through it carries `aws:SourceVpce` and `aws:SourceVpc`, and may do no more than
/// its policy allows, whoever asks.
pub struct PrivateEndpoint {
    id: String,
    vpc: String,
    policy: Policy,
}

impl PrivateEndpoint {
    /// The endpoint `id` (`vpce-…`) in the network `vpc` (`vpc-…`). Without a policy it lets
    /// everything through that is otherwise allowed, as AWS's default policy does.
    ///
    /// # Errors
    /// When the policy is none.
    pub fn new(id: String, vpc: String, policy: Option<&str>) -> Result<Self, Problems> {
        let policy = Policy::parse(policy.unwrap_or(FULL_ACCESS), Form::Endpoint)?;
        Ok(Self { id, vpc, policy })
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

/// The policy of an endpoint that was given none.
const FULL_ACCESS: &str =
    r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
