//! Whose server this is: the first account and its Region, chosen once.

use super::place::{DEPLOYMENT, put};
use super::{BootError, default_region};
use base::{AccountId, Entropy, RegionName};
use serde::{Deserialize, Serialize};
use store::{Database, StoreError};

/// The identity of a deployment, as it stands in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deployment {
    version: u16,
    account: AccountId,
    region: RegionName,
    /// Whether the first account's credentials were written where their owner finds them.
    handed_out: bool,
    /// The process that writes them, where nodes share the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handing_out: Option<String>,
}

/// What the operator asks for.
pub(super) struct Wanted<'a> {
    /// The first account.
    pub(super) account: Option<AccountId>,
    /// Its Region.
    pub(super) region: Option<RegionName>,
    /// The Regions that are switched on.
    pub(super) regions: Option<&'a [RegionName]>,
}

/// Why the deployment cannot be used as asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeploymentError {
    /// The data directory has another first account.
    #[error("the data directory belongs to the account `{0}`, not to `{1}`")]
    OtherAccount(AccountId, AccountId),
    /// The data directory has another Region.
    #[error("the data directory belongs to the Region `{0}`, not to `{1}`")]
    OtherRegion(RegionName, RegionName),
    /// The deployment's own Region is switched off.
    #[error(
        "the deployment's Region `{0}` is not among the Regions that are served: name it in \
         `regions`"
    )]
    RegionNotEnabled(RegionName),
    /// The stored form is not one that this version knows.
    #[error("the data directory was made by another version of strongroom")]
    UnknownForm,
    /// No Region is switched on.
    #[error("cannot choose a Region: none is switched on")]
    NoRegion,
}

impl Deployment {
    /// Reads the identity in `database`, or chooses it now. Errors when it is not as `wanted`.
    pub(super) async fn open(
        database: &Database,
        wanted: Wanted<'_>,
        entropy: &dyn Entropy,
    ) -> Result<Self, BootError> {
        for _ in 0..TRIES {
            if let Some(stored) = database.meta(DEPLOYMENT).await? {
                return Ok(Self::read(&stored)?.agreeing(&wanted)?);
            }
            let chosen = Self::choose(&wanted, entropy)?.enabled(&wanted)?;
            match put(database, DEPLOYMENT, None, &chosen.written()?).await {
                Ok(()) => return Ok(chosen),
                // Another node was quicker, and chose.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// The first account.
    pub(crate) fn account(&self) -> &AccountId {
        &self.account
    }

    /// Its Region.
    pub(crate) fn region(&self) -> &RegionName {
        &self.region
    }

    /// Whether the first start was completed.
    pub(super) fn handed_out(&self) -> bool {
        self.handed_out
    }

    /// Completes the first start. Errors with a conflict when another node does, or has.
    pub(super) async fn mark_handed_out(&mut self, database: &Database) -> Result<(), BootError> {
        let marked = Self {
            handed_out: true,
            handing_out: None,
            ..self.clone()
        };
        self.replace_by(marked, database).await
    }

    /// Whether it is the process `run` that completes the first start. It is another one as long as
    /// that one has begun to and lives.
    ///
    /// INVARIANT: only one process at a time makes credentials, and [`Deployment::mark_handed_out`]
    /// conflicts for one that was taken for dead. So credentials that were handed out are replaced by
    /// nobody.
    pub(super) async fn claim(
        &mut self,
        database: &Database,
        run: &str,
        is_living: impl Fn(&str) -> bool,
    ) -> Result<bool, BootError> {
        self.read_again(database).await?;
        match &self.handing_out {
            _ if self.handed_out => return Ok(false),
            Some(one) if one == run => return Ok(true),
            Some(other) if is_living(other) => return Ok(false),
            Some(_) | None => {}
        }
        let claimed = Self {
            handing_out: Some(run.to_owned()),
            ..self.clone()
        };
        match self.replace_by(claimed, database).await {
            Ok(()) => Ok(true),
            Err(BootError::Store(StoreError::Conflict)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes over what another node has written.
    pub(super) async fn read_again(&mut self, database: &Database) -> Result<(), BootError> {
        if let Some(stored) = database.meta(DEPLOYMENT).await? {
            *self = Self::read(&stored)?;
        }
        Ok(())
    }

    async fn replace_by(&mut self, next: Self, database: &Database) -> Result<(), BootError> {
        let before = self.written()?;
        put(database, DEPLOYMENT, Some(&before), &next.written()?).await?;
        *self = next;
        Ok(())
    }

    fn choose(wanted: &Wanted<'_>, entropy: &dyn Entropy) -> Result<Self, DeploymentError> {
        let account = wanted
            .account
            .clone()
            .unwrap_or_else(|| AccountId::random(entropy));
        let region = wanted.region.clone().or_else(|| first_region(wanted));
        Ok(Self {
            version: VERSION,
            account,
            region: region.ok_or(DeploymentError::NoRegion)?,
            handed_out: false,
            handing_out: None,
        })
    }

    fn agreeing(self, wanted: &Wanted<'_>) -> Result<Self, DeploymentError> {
        match &wanted.account {
            Some(other) if *other != self.account => {
                return Err(DeploymentError::OtherAccount(self.account, other.clone()));
            }
            _ => {}
        }
        match &wanted.region {
            Some(other) if *other != self.region => {
                return Err(DeploymentError::OtherRegion(self.region, other.clone()));
            }
            _ => {}
        }
        self.enabled(wanted)
    }

    fn enabled(self, wanted: &Wanted<'_>) -> Result<Self, DeploymentError> {
        let is_served = match wanted.regions {
            Some(regions) => regions.contains(&self.region),
            None => services::regions::PUBLIC.contains(&self.region.as_str()),
        };
        if is_served {
            Ok(self)
        } else {
            Err(DeploymentError::RegionNotEnabled(self.region))
        }
    }

    fn read(stored: &[u8]) -> Result<Self, DeploymentError> {
        let read: Self =
            serde_json::from_slice(stored).map_err(|_| DeploymentError::UnknownForm)?;
        if read.version == VERSION {
            Ok(read)
        } else {
            Err(DeploymentError::UnknownForm)
        }
    }

    fn written(&self) -> Result<Vec<u8>, DeploymentError> {
        serde_json::to_vec(self).map_err(|_| DeploymentError::UnknownForm)
    }
}

/// The default Region where it is switched on, else the first that is.
fn first_region(wanted: &Wanted<'_>) -> Option<RegionName> {
    let default = default_region()?;
    match wanted.regions {
        Some(regions) if !regions.contains(&default) => regions.first().cloned(),
        _ => Some(default),
    }
}

const VERSION: u16 = 1;
/// One start comes first, so the second time there is something.
const TRIES: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::chain;
    use crate::outside::SystemEntropy;

    fn account(text: &str) -> AccountId {
        AccountId::parse(text).unwrap()
    }

    fn region(text: &str) -> RegionName {
        RegionName::parse(text).unwrap()
    }

    fn nothing() -> Wanted<'static> {
        Wanted {
            account: None,
            region: None,
            regions: None,
        }
    }

    async fn open(database: &Database, wanted: Wanted<'_>) -> Result<Deployment, String> {
        Deployment::open(database, wanted, &SystemEntropy)
            .await
            .map_err(|error| chain(&error))
    }

    #[tokio::test]
    async fn what_was_chosen_stays() {
        let database = Database::memory();

        let chosen = open(&database, nothing()).await.unwrap();
        let found = open(&database, nothing()).await.unwrap();

        assert_eq!(found, chosen);
        assert_eq!(chosen.region(), &region("us-east-1"));
        assert!(!chosen.handed_out());
    }

    #[tokio::test]
    async fn the_operators_choice_is_taken_and_another_refused() {
        let database = Database::memory();
        let wanted = |id: &str, name: &str| Wanted {
            account: Some(account(id)),
            region: Some(region(name)),
            regions: None,
        };

        let chosen = open(&database, wanted("123456789012", "eu-west-1")).await;
        let again = open(&database, wanted("123456789012", "eu-west-1")).await;
        let other_account = open(&database, wanted("999999999999", "eu-west-1")).await;
        let other_region = open(&database, wanted("123456789012", "eu-west-2")).await;

        assert_eq!(chosen, again);
        assert_eq!(chosen.unwrap().account(), &account("123456789012"));
        assert_eq!(
            other_account.unwrap_err(),
            "the data directory belongs to the account `123456789012`, not to `999999999999`"
        );
        assert_eq!(
            other_region.unwrap_err(),
            "the data directory belongs to the Region `eu-west-1`, not to `eu-west-2`"
        );
    }

    #[tokio::test]
    async fn the_region_is_one_that_is_switched_on() {
        let enabled = [region("eu-west-1"), region("eu-west-2")];
        let only = Wanted {
            regions: Some(&enabled),
            ..nothing()
        };
        let database = Database::memory();

        let chosen = open(&database, only).await.unwrap();
        let off = Wanted {
            regions: Some(&enabled[1..]),
            ..nothing()
        };
        let refused = open(&database, off).await.unwrap_err();

        assert_eq!(chosen.region(), &region("eu-west-1"));
        assert_eq!(
            refused,
            "the deployment's Region `eu-west-1` is not among the Regions that are served: name it in `regions`"
        );
    }

    #[tokio::test]
    async fn the_mark_is_kept() {
        let database = Database::memory();
        let mut deployment = open(&database, nothing()).await.unwrap();

        deployment.mark_handed_out(&database).await.unwrap();

        assert!(open(&database, nothing()).await.unwrap().handed_out());
    }

    #[tokio::test]
    async fn a_later_form_is_refused() {
        for stored in [
            r#"{"version":2,"account":"123456789012","region":"eu-west-1","handed_out":true}"#,
            "{}",
            "",
        ] {
            let database = Database::memory();
            database
                .put_meta(DEPLOYMENT, None, stored.as_bytes())
                .await
                .unwrap();

            assert_eq!(
                open(&database, nothing()).await.unwrap_err(),
                "the data directory was made by another version of strongroom"
            );
        }
    }

    /// Two nodes that start the same deployment at once.
    #[tokio::test]
    async fn one_process_at_a_time_hands_out_and_never_twice() {
        let database = Database::memory();
        let mut a = open(&database, nothing()).await.unwrap();
        let mut b = open(&database, nothing()).await.unwrap();
        assert_eq!(a, b);
        let claim = async |one: &mut Deployment, run: &str, living: bool| {
            one.claim(&database, run, |_| living).await.unwrap()
        };

        assert!(claim(&mut a, "a", true).await);
        assert!(!claim(&mut b, "b", true).await, "a lives and does it");
        assert!(claim(&mut a, "a", true).await);
        assert!(claim(&mut b, "b", false).await, "a is taken for dead");
        let late = a.mark_handed_out(&database).await.err().unwrap();
        assert!(matches!(late, BootError::Store(StoreError::Conflict)));
        assert!(!claim(&mut a, "a", true).await);
        b.mark_handed_out(&database).await.unwrap();

        assert!(!claim(&mut a, "a", false).await);
        assert!(a.handed_out() && !claim(&mut b, "b", false).await);
        let stored = database.meta(DEPLOYMENT).await.unwrap().unwrap();
        assert!(!String::from_utf8(stored).unwrap().contains("handing_out"));
    }

    #[tokio::test]
    async fn nodes_that_start_at_once_agree_on_what_one_chose() {
        let database = Database::memory();

        let opened = tokio::join!(
            open(&database, nothing()),
            open(&database, nothing()),
            open(&database, nothing())
        );

        let (a, b, c) = (opened.0.unwrap(), opened.1.unwrap(), opened.2.unwrap());
        assert!(a == b && b == c);
    }
}
