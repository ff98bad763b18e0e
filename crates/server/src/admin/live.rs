//! What operator commands act on once the server is open.

use super::protocol::{self, AccountRow, Command};
use crate::audit::{FileSink, Sinks};
use crate::boot::{Booted, Deployment, Keys, Layout, Seals};
use crate::error::chain;
use crate::node::Node;
use base::{AccountId, Entropy};
use services::{App, Operator};
use std::path::PathBuf;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The result of a command as JSON, or why there is none.
pub(super) type Answer = Result<Zeroizing<Vec<u8>>, String>;

/// A server that is open.
pub(super) struct Live {
    pub(super) app: Arc<App>,
    pub(super) keys: Arc<Keys>,
    pub(super) node: Option<Arc<Node>>,
    pub(super) sink: Arc<FileSink>,
    pub(super) sinks: Arc<Sinks>,
    pub(super) deployment: Deployment,
    pub(super) layout: Layout,
    pub(super) seals: Seals,
    pub(super) config_file: Option<PathBuf>,
    pub(super) entropy: Arc<dyn Entropy>,
}

impl Live {
    /// Of the server that `booted` became, which was told what it is by `config_file`.
    pub(super) fn new(booted: &Booted, config_file: Option<PathBuf>) -> Self {
        Self {
            app: Arc::clone(&booted.app),
            keys: Arc::clone(&booted.keys),
            node: booted.node.clone(),
            sink: Arc::clone(&booted.audit.sink),
            sinks: Arc::clone(&booted.audit.sinks),
            deployment: booted.deployment.clone(),
            layout: booted.ground.layout.clone(),
            seals: booted.ground.seals.clone(),
            config_file,
            entropy: Arc::clone(&booted.ground.entropy),
        }
    }

    /// Does what `command` asks for.
    pub(super) async fn run_command(&self, command: &Command, operator: &Operator) -> Answer {
        match command {
            Command::AccessShow(asked) => self.show_access(asked).await,
            Command::AccessUnused(asked) => self.list_unused(asked).await,
            Command::AccountCreate { account_id } => self.create_account(account_id.as_ref()).await,
            Command::AccountList => self.list_accounts().await,
            Command::AccountRestoreAccess {
                account_id,
                secret,
                region,
            } => {
                self.restore_access(account_id, secret.as_deref(), region.as_ref(), operator)
                    .await
            }
            Command::AccountRotateRootKeys { account_id } => {
                self.rotate_root_keys(account_id, operator).await
            }
            Command::AdminCreate {
                user_name,
                account_id: id,
                profile,
            } => {
                self.create_administrator(id.as_ref(), user_name, profile.as_deref(), operator)
                    .await
            }
            Command::AuditSinks => to_json(&self.sinks.states().await),
            Command::DeliveriesList { account_id } => {
                self.show_deliveries(account_id.as_ref()).await
            }
            Command::Explain(asked) => {
                let question = asked.question(self.deployment.region());
                self.explain(&question).await
            }
            Command::NodeList => self.list_nodes(),
            Command::RotationCheck(asked) => self.check_rotation(asked, operator).await,
            Command::RotationShow(asked) => self.show_rotation(asked).await,
            Command::Rotator(command) => self.run_rotator_command(command, operator).await,
            // An open server needs nothing that opens it.
            Command::SealStatus | Command::SealUnseal { .. } => self.seal_status(),
            Command::SealRotate { root } => self.rotate_seal(*root).await,
            Command::SealMigrate { to } => self.migrate(to).await,
            Command::SealAbandon => self.abandon_migration().await,
            Command::SealFinish { share, passphrase } => {
                self.finish_migration(share.as_ref(), passphrase.as_ref())
                    .await
            }
            Command::SealRecoveryMake { shares, threshold } => {
                self.make_recovery_shares(*shares, *threshold).await
            }
            Command::SealRecoveryRemove {} => self.remove_recovery_shares().await,
            Command::WhoCan {
                action,
                secret,
                account_id,
                region,
            } => {
                let (account, region) = (account_id.as_ref(), region.as_ref());
                self.who_can(action, secret, account, region).await
            }
        }
    }

    async fn create_account(&self, id: Option<&AccountId>) -> Answer {
        let id = id
            .cloned()
            .unwrap_or_else(|| AccountId::random(self.entropy.as_ref()));
        let created = self.app.create_account(id).await;
        let account = created.map_err(|error| chain(&error))?;
        Ok(protocol::new_account(&account))
    }

    fn list_nodes(&self) -> Answer {
        match &self.node {
            Some(node) => to_json(&node.list()),
            None => Err(String::from(
                "the data directory has its store in it, so there is one node",
            )),
        }
    }

    async fn list_accounts(&self) -> Answer {
        let accounts = self.app.list_accounts().await;
        let rows: Vec<AccountRow> = accounts
            .map_err(|error| chain(&error))?
            .into_iter()
            .map(AccountRow::from)
            .collect();
        to_json(&rows)
    }
}

pub(super) fn to_json<T: serde::Serialize>(value: &T) -> Answer {
    serde_json::to_vec(value)
        .map(Zeroizing::new)
        .map_err(|error| error.to_string())
}
