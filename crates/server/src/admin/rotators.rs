//! Commands about rotators: deployed, listed and removed as the stacks that AWS's templates make.

use super::live::{Answer, Live, to_json};
use crate::error::chain;
use base::{AccountId, RegionName};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use services::{NewRotator, Operator};

/// What an operator asks for about rotators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rotator", deny_unknown_fields)]
pub(crate) enum RotatorCommand {
    /// A function that rotates, with its role and its permissions.
    #[serde(rename = "enable")]
    Enable {
        /// AWS's name of its template.
        template: String,
        /// What the function is called.
        name: String,
        /// The account. `None`: the deployment's first.
        account_id: Option<AccountId>,
        /// The Region. `None`: the deployment's.
        region: Option<RegionName>,
        /// The ARN of the secret with the credentials that change passwords.
        master_secret: Option<String>,
        /// Characters that new passwords do not have.
        exclude_characters: Option<String>,
    },
    /// Every rotator of an account.
    #[serde(rename = "list")]
    List {
        /// The account. `None`: the deployment's first.
        account_id: Option<AccountId>,
    },
    /// A rotator less.
    #[serde(rename = "disable")]
    Disable {
        /// The name of its function or of its stack.
        name: String,
        /// The account. `None`: the deployment's first.
        account_id: Option<AccountId>,
        /// The Region. `None`: the deployment's.
        region: Option<RegionName>,
    },
}

impl RotatorCommand {
    /// What audit events call it.
    pub(super) fn event_name(&self) -> &'static str {
        match self {
            Self::Enable { .. } => "EnableRotator",
            Self::List { .. } => "ListRotators",
            Self::Disable { .. } => "DisableRotator",
        }
    }

    /// Whether nothing could change.
    pub(super) fn is_read_only(&self) -> bool {
        matches!(self, Self::List { .. })
    }

    /// The account that it is about.
    pub(super) fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Enable { account_id, .. }
            | Self::List { account_id }
            | Self::Disable { account_id, .. } => account_id.as_ref(),
        }
    }

    /// The same, to be filled in.
    pub(super) fn account_mut(&mut self) -> &mut Option<AccountId> {
        match self {
            Self::Enable { account_id, .. }
            | Self::List { account_id }
            | Self::Disable { account_id, .. } => account_id,
        }
    }

    /// What its audit event shows of its parameters.
    pub(super) fn shown(&self) -> Value {
        match self {
            Self::Enable {
                template,
                name,
                account_id,
                region,
                master_secret,
                ..
            } => json!({
                "accountId": account_id,
                "region": region,
                "template": template,
                "name": name,
                "masterSecretArn": master_secret,
            }),
            Self::List { account_id } => json!({ "accountId": account_id }),
            Self::Disable {
                name,
                account_id,
                region,
            } => json!({ "accountId": account_id, "region": region, "name": name }),
        }
    }
}

impl Live {
    /// Does what `command` asks for.
    pub(super) async fn run_rotator_command(
        &self,
        command: &RotatorCommand,
        operator: &Operator,
    ) -> Answer {
        let account = command.account().unwrap_or(self.deployment.account());
        match command {
            RotatorCommand::Enable {
                template,
                name,
                region,
                master_secret,
                exclude_characters,
                ..
            } => {
                let new = NewRotator {
                    template: template.clone(),
                    name: name.clone(),
                    master_secret: master_secret.clone(),
                    exclude_characters: exclude_characters.clone(),
                };
                let region = self.region(region.as_ref());
                let enabled = self.app.enable_rotator(account, region, &new, operator);
                to_json(&enabled.await.map_err(|error| chain(&error))?)
            }
            RotatorCommand::List { .. } => {
                let rotators = self.app.list_rotators(account).await;
                to_json(&rotators.map_err(|error| chain(&error))?)
            }
            RotatorCommand::Disable { name, region, .. } => {
                let region = self.region(region.as_ref());
                let disabled = self.app.disable_rotator(account, region, name, operator);
                to_json(&disabled.await.map_err(|error| chain(&error))?)
            }
        }
    }
}
