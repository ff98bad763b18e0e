//! Commands about who may do what: administrators, root credentials, explanations.

use super::live::{Answer, Live, to_json};
use super::protocol::{self, Explain, OneSecret, Unused};
use crate::boot;
use crate::error::chain;
use base::{AccountId, RegionName};
use services::{NewAccount, Operator};

impl Live {
    /// Gives an account new root credentials, and takes its resource policy from a secret.
    pub(super) async fn restore_access(
        &self,
        account: &AccountId,
        secret: Option<&str>,
        region: Option<&RegionName>,
        operator: &Operator,
    ) -> Answer {
        let secret = secret.map(|secret| (secret, self.region(region)));
        let restored = self.app.restore_access(account, secret, operator).await;
        let restored = restored.map_err(|error| chain(&error))?;
        self.renew_profile(&restored.account);
        Ok(protocol::restored(&restored))
    }

    /// Gives an account new root credentials.
    pub(super) async fn rotate_root_keys(
        &self,
        account: &AccountId,
        operator: &Operator,
    ) -> Answer {
        let renewed = self.app.rotate_root_credentials(account, operator).await;
        let account = renewed.map_err(|error| chain(&error))?;
        self.renew_profile(&account);
        Ok(protocol::new_account(&account))
    }

    /// Creates a user who may do everything.
    pub(super) async fn create_administrator(
        &self,
        account: Option<&AccountId>,
        user_name: &str,
        profile: Option<&str>,
        operator: &Operator,
    ) -> Answer {
        // Looked at before anything is made.
        if let Some(profile) = profile {
            boot::refuse_profile(&self.layout, profile).map_err(|error| chain(&error))?;
        }
        let account = account.unwrap_or(self.deployment.account());
        let created = self
            .app
            .create_administrator(account, user_name, operator)
            .await;
        let new = created.map_err(|error| chain(&error))?;
        let Some(profile) = profile else {
            return Ok(protocol::new_administrator(&new, None));
        };
        let added = boot::add_profile(
            &self.layout,
            profile,
            &new.access_key_id,
            &new.secret_access_key,
        );
        // The user is there whatever became of the file, so its secret is shown in either case.
        Ok(match added {
            Ok(()) => protocol::new_administrator(&new, Some(("Profile", profile))),
            Err(error) => protocol::new_administrator(&new, Some(("ProfileError", &chain(&error)))),
        })
    }

    /// Says why a principal may or may not do something.
    pub(super) async fn explain(&self, asked: &Explain) -> Answer {
        let question = asked.question(self.deployment.region());
        let explained = self.app.explain(&question).await;
        to_json(&explained.map_err(|error| chain(&error))?)
    }

    /// Says who may do something to a secret.
    pub(super) async fn who_can(
        &self,
        action: &str,
        secret: &str,
        account: Option<&AccountId>,
        region: Option<&RegionName>,
    ) -> Answer {
        let account = account.unwrap_or(self.deployment.account());
        let region = self.region(region);
        let found = self.app.who_can(action, secret, account, region).await;
        to_json(&found.map_err(|error| chain(&error))?)
    }

    pub(super) async fn show_deliveries(&self, account: Option<&AccountId>) -> Answer {
        let shown = self.app.show_deliveries(account).await;
        to_json(&shown.map_err(|error| chain(&error))?)
    }

    pub(super) async fn show_rotation(&self, asked: &OneSecret) -> Answer {
        let account = asked.account_id.as_ref();
        let account = account.unwrap_or(self.deployment.account());
        let region = self.region(asked.region.as_ref());
        let secret = &asked.secret;
        let shown = self.app.show_rotation(account, region, secret).await;
        let shown = shown.map_err(|error| chain(&error))?;
        match shown {
            Some(shown) => to_json(&shown),
            None => Err(format!("the account `{account}` has no secret `{secret}`")),
        }
    }

    /// Says who read a secret.
    pub(super) async fn show_access(&self, asked: &OneSecret) -> Answer {
        let account = asked.account_id.as_ref();
        let account = account.unwrap_or(self.deployment.account());
        let region = self.region(asked.region.as_ref());
        let secret = &asked.secret;
        let shown = self.app.show_access(account, region, secret).await;
        match shown.map_err(|error| chain(&error))? {
            Some(shown) => to_json(&shown),
            None => Err(format!("the account `{account}` has no secret `{secret}`")),
        }
    }

    /// Lists the secrets that nobody read.
    pub(super) async fn list_unused(&self, asked: &Unused) -> Answer {
        let account = asked.account_id.as_ref();
        let account = account.unwrap_or(self.deployment.account());
        let region = self.region(asked.region.as_ref());
        let unused = self.app.unused_secrets(account, region, asked.days).await;
        to_json(&unused.map_err(|error| chain(&error))?)
    }

    pub(super) async fn check_rotation(&self, asked: &OneSecret, operator: &Operator) -> Answer {
        let account = asked.account_id.as_ref();
        let account = account.unwrap_or(self.deployment.account());
        let region = self.region(asked.region.as_ref());
        let checked = self
            .app
            .check_rotation(account, region, &asked.secret, operator);
        to_json(&checked.await.map_err(|error| chain(&error))?)
    }

    /// The Region that a command means.
    pub(super) fn region<'a>(&'a self, asked: Option<&'a RegionName>) -> &'a RegionName {
        asked.unwrap_or(self.deployment.region())
    }

    /// Brings the profile on this machine up to date, when it is that of `account`. The keys are
    /// in force already and are shown to the operator, so a failure is logged and no more.
    fn renew_profile(&self, account: &NewAccount) {
        if account.account_id != *self.deployment.account() {
            return;
        }
        if let Err(error) = boot::renew_default(&self.layout.aws_credentials(), account) {
            tracing::error!(
                error = chain(&error),
                "the credentials file has the old root keys"
            );
        }
    }
}
