//! Who read the value of a secret, when last and how often.
//!
//! `LastAccessedDate` is a day and names nobody. This is made from the audit log instead, where each read is
//! an event: exact, by principal, and of no cost to the read itself.
//!
//! Rules kept here:
//! - only reads that gave the value count, those of a batch one by one;
//! - a session counts for its role, so that what is stored is bounded by the identities there are;
//! - what is read from the log is gathered in memory and stored seldom, together with how far that is. What
//!   a stop forgets is read again;
//! - when a secret is gone, so is this.

mod noting;
mod record;
mod tally;

pub(crate) use self::noting::Noting;
pub(crate) use self::record::LAST_ACCESS;

use self::record::LastAccess;
use super::model::Secret;
use super::records::BY_ACCESSED;
use super::rotation::shown::{self, Moment};
use crate::app::App;
use crate::authorize::Permit;
use crate::tx::Tx;
use base::{AccountId, CommonError, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use std::sync::Arc;
use store::{Query, Record as _};

/// Who read the value of one secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ShownAccess {
    /// The secret's name.
    pub name: String,
    /// Its ARN.
    #[serde(rename = "ARN")]
    pub arn: String,
    /// When the oldest event is from that was counted: reads before it are not known. `None`: none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_since: Option<Moment>,
    /// Who read it, the latest first.
    pub readers: Vec<ShownReader>,
}

/// One who read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ShownReader {
    /// The ARN of the user, the role or the account's root, or the name of a service.
    pub principal: String,
    /// The session, where a role was assumed: the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The first read that is known.
    pub first_read: Moment,
    /// The last read.
    pub last_read: Moment,
    /// How many there were.
    pub reads: u64,
    /// Where the last one came from.
    #[serde(rename = "SourceIPAddress")]
    pub source_ip: String,
    /// What made the last one, as it called itself.
    pub user_agent: String,
    /// The last one's event.
    #[serde(rename = "EventID")]
    pub event_id: String,
}

/// Secrets whose value nobody read for some time, those never read first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnusedSecrets {
    /// At most [`UNUSED_PAGE`] of them.
    pub secrets: Vec<UnusedSecret>,
    /// How many more were looked at no further: `true` when the list is not all of them.
    pub has_more: bool,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnusedSecret {
    /// Its name.
    pub name: String,
    /// Its ARN.
    #[serde(rename = "ARN")]
    pub arn: String,
    /// When it was created.
    pub created_date: Moment,
    /// The day on which its value was last read. `None`: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_accessed_date: Option<Moment>,
}

/// Who read the secret that `id` means, in that account and Region unless it says others. `None`: there is
/// no such secret.
///
/// # Errors
/// When the store or the log fails.
pub(crate) async fn show(
    app: &App,
    own: &Permit,
    account: &AccountId,
    region: &RegionName,
    id: &str,
) -> Result<Option<ShownAccess>, CommonError> {
    app.accesses.catch_up(app, own).await?;
    let mut tx = app.ledger.begin_reading();
    let Some(secret) = shown::find(&mut tx, account, region, id).await? else {
        return Ok(None);
    };
    let arn = secret.arn();
    let mut found: Vec<Arc<LastAccess>> = Vec::new();
    tx.every(LastAccess::of_secret(&arn), |one| found.push(one))
        .await?;
    found.sort_by_key(|one| std::cmp::Reverse(one.tally.last));
    Ok(Some(ShownAccess {
        name: secret.name.clone(),
        known_since: app.accesses.known_since(app).await?.map(Moment),
        readers: found.iter().map(|one| ShownReader::of(one)).collect(),
        arn,
    }))
}

/// The secrets of an account and Region that were made, and read last if ever, before `since`. Those that
/// are scheduled for deletion are not among them.
///
/// # Errors
/// When the store fails.
pub(crate) async fn unused(
    app: &App,
    account: &AccountId,
    region: &RegionName,
    since: Timestamp,
) -> Result<UnusedSecrets, CommonError> {
    let query = Query::on(BY_ACCESSED, PAGE)
        .equal(account)
        .equal(region)
        .to(Bound::Excluded(since.as_millis()));
    let mut unused = UnusedSecrets::default();
    let mut page = query;
    loop {
        let found = app.ledger.begin_reading().query::<Secret>(&page).await?;
        let is_last = found.len() < PAGE;
        let next = found.last().map(|last| page.cursor(last.record.as_ref()));
        for one in found {
            let secret = &one.record;
            if secret.is_scheduled_for_deletion() || secret.created >= since {
                continue;
            }
            if unused.secrets.len() == UNUSED_PAGE {
                unused.has_more = true;
                return Ok(unused);
            }
            unused.secrets.push(UnusedSecret::of(secret));
        }
        match next {
            Some(cursor) if !is_last => page = page.after(cursor),
            _ => return Ok(unused),
        }
    }
}

/// Forgets who read a secret that is being removed.
pub(super) async fn forget(
    tx: &mut Tx<'_>,
    permit: &Permit,
    secret: &Secret,
) -> Result<(), CommonError> {
    let query = LastAccess::of_secret(&secret.arn()).with_limit(MOST_READERS);
    for one in tx.query::<LastAccess>(&query).await? {
        tx.delete::<LastAccess>(permit, &one.record.key(), one.rev);
    }
    Ok(())
}

impl ShownReader {
    fn of(access: &LastAccess) -> Self {
        let tally = &access.tally;
        Self {
            principal: access.principal.clone(),
            session: tally.session.clone(),
            first_read: Moment(tally.first),
            last_read: Moment(tally.last),
            reads: tally.reads,
            source_ip: tally.source_ip.clone(),
            user_agent: tally.user_agent.clone(),
            event_id: tally.event_id.clone(),
        }
    }
}

impl UnusedSecret {
    fn of(secret: &Secret) -> Self {
        Self {
            name: secret.name.clone(),
            arn: secret.arn(),
            created_date: Moment(secret.created),
            last_accessed_date: secret.accessed.map(Moment),
        }
    }
}

/// How many secrets one report has.
pub const UNUSED_PAGE: usize = 10_000;
const PAGE: usize = 500;
/// More identities than may be expected to read one secret. What is left of more of them is never shown,
/// since its secret is gone.
const MOST_READERS: usize = 20_000;
