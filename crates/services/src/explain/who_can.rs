//! Who may do something to a secret.

use super::asked::{ANY, Asked, session_of};
use super::bearing::{Bearing, Mood};
use super::circumstances::World;
use super::subject::{SECRETS_MANAGER, Subject};
use super::{Access, ExplainError, asked_region, is_action, named_region};
use crate::app::App;
use crate::identity::accounts;
use crate::identity::model::{Role, User};
use crate::identity::{Identity, Principal, root, user};
use base::{AccountId, Arn, RegionName};
use policy::{Cause, Decision, Effect, Kind, PrincipalType, Towards};
use std::collections::BTreeSet;
use store::{Query, Record};

impl App {
    /// Everyone of this deployment who may do `action` to the secret `id`, one of `account` in
    /// `region` when it is only named: roots, users and roles of its own account and of those
    /// that its resource policy names, and sessions that are named there.
    ///
    /// # Errors
    /// When there is no such secret; a failure of ours.
    pub async fn who_can(
        &self,
        action: &str,
        id: &str,
        account: &AccountId,
        region: &RegionName,
    ) -> Result<Vec<Access>, ExplainError> {
        is_action(action)?;
        let mut tx = self.ledger.begin();
        let unknown = || ExplainError::NoSecret(id.to_owned());
        let region = named_region(id).unwrap_or_else(|| region.clone());
        let subject = match Subject::find(&mut tx, id, SECRETS_MANAGER, account, &region).await {
            Err(ExplainError::NotAResource(_)) => return Err(unknown()),
            found => found?,
        };
        if subject.existing_secret().is_none() {
            return Err(unknown());
        }
        let mut search = Search {
            app: self,
            action,
            subject: &subject,
            region: asked_region(action, region),
            found: Vec::new(),
        };
        let (accounts, sessions) = search.candidates().await?;
        for account in accounts {
            search.account(&account).await?;
        }
        for session in sessions {
            search.session(&session).await?;
        }
        Ok(search.found)
    }
}

struct Search<'a> {
    app: &'a App,
    action: &'a str,
    subject: &'a Subject,
    region: RegionName,
    found: Vec<Access>,
}

impl Search<'_> {
    /// The accounts whose identities may have access, and the sessions that are named one by one.
    async fn candidates(&self) -> Result<(BTreeSet<String>, BTreeSet<String>), ExplainError> {
        let existing = accounts::list(self.app).await?;
        let existing = existing.into_iter().map(|one| one.account_id.to_string());
        let existing: BTreeSet<String> = existing.collect();
        let mut accounts = BTreeSet::from([self.subject.owner().to_string()]);
        let mut sessions = BTreeSet::new();
        let Some(own) = self.subject.own_policy() else {
            return Ok((accounts, sessions));
        };
        for (kind, text) in own.document.policy()?.named_principals() {
            if kind != PrincipalType::Aws {
                continue;
            }
            if let Ok(arn) = Arn::parse(text) {
                if arn.service == "sts" && arn.resource.starts_with("assumed-role/") {
                    sessions.insert(text.to_owned());
                }
                accounts.insert(arn.account);
            } else if AccountId::parse(text).is_ok() {
                accounts.insert(text.to_owned());
            } else {
                // Everyone, or a unique id, which does not tell its account.
                accounts.extend(existing.iter().cloned());
            }
        }
        accounts.retain(|account| existing.contains(account));
        Ok((accounts, sessions))
    }

    /// The root, the users and the roles of an account.
    async fn account(&mut self, account: &str) -> Result<(), ExplainError> {
        let Ok(account) = AccountId::parse(account) else {
            return Ok(());
        };
        let is_own = account == *self.subject.owner();
        self.judge(&root(account.clone()), is_own)?;
        let mut users = Pages::<User>::of(&account);
        while let Some(page) = users.next(self.app).await? {
            // Others want the thread too.
            tokio::task::yield_now().await;
            let mut tx = self.app.ledger.begin();
            for found in page {
                if let Some(user) = user(&mut tx, &account, &found.name, None).await? {
                    self.judge(&user, is_own)?;
                }
            }
        }
        let mut roles = Pages::<Role>::of(&account);
        while let Some(page) = roles.next(self.app).await? {
            tokio::task::yield_now().await;
            let mut tx = self.app.ledger.begin();
            for role in page {
                let session = session_of(&mut tx, role, ANY, self.app.clock.now()).await?;
                self.judge(&session, is_own)?;
            }
        }
        Ok(())
    }

    /// A session that the resource policy names, if its role exists.
    async fn session(&mut self, arn: &str) -> Result<(), ExplainError> {
        let mut tx = self.app.ledger.begin();
        match Asked::find(&mut tx, arn, self.app.clock.now()).await {
            Ok(asked) => {
                let is_own = asked.principal.account() == self.subject.owner();
                let before = self.found.len();
                self.judge(&asked.principal, is_own)?;
                // Under its own name, beside its role.
                if let Some(access) = self.found.get_mut(before) {
                    access.principal = arn.to_owned();
                }
                Ok(())
            }
            Err(ExplainError::NoPrincipal(_) | ExplainError::NotAPrincipal(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Notes `principal` if it may.
    fn judge(&mut self, principal: &Principal, is_own: bool) -> Result<(), ExplainError> {
        let (action, subject) = (self.action, self.subject);
        if !is_own && subject.is_locked_to(principal, action) {
            return Ok(());
        }
        let bearing = Bearing::of(principal, subject)?;
        let world = World::new(principal, subject, &self.region, &[], self.app.clock.now());
        let access = world.look(|circumstances| {
            let doubt = bearing.doubt(action, principal, subject, circumstances);
            if !doubt.hope {
                return None;
            }
            let conditional = doubt.is_open();
            let key = subject.key_beside(action);
            let key = key.map(|key| format!("use of the key {key}"));
            let mood = Mood::To(if conditional {
                Towards::Allowing
            } else {
                Towards::Denying
            });
            Some(Access {
                principal: shown(principal),
                via: bearing.judge(mood, action, principal, subject, circumstances, paths),
                conditional: conditional || key.is_some(),
                keys: if conditional { doubt.keys } else { Vec::new() }
                    .into_iter()
                    .chain(key)
                    .collect(),
            })
        });
        self.found.extend(access);
        Ok(())
    }
}

/// The policies that grant, each once.
fn paths(decision: &Decision<'_>, matched: &[(Cause<'_>, Effect)]) -> Vec<String> {
    let mut paths = Vec::new();
    if let Decision::Allowed { by: None } = decision {
        paths.push(String::from("root of the account"));
    }
    for (cause, effect) in matched {
        let path = match cause.kind {
            Kind::Identity => cause.policy.to_owned(),
            Kind::Resource => {
                let sid = cause.sid.map(|sid| format!(" ({sid})")).unwrap_or_default();
                format!("{}, statement {}{sid}", cause.policy, cause.statement + 1)
            }
            Kind::Boundary | Kind::Session | Kind::Endpoint | Kind::Guardrail => continue,
        };
        if *effect == Effect::Allow && !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

/// A role stands for its sessions.
fn shown(principal: &Principal) -> String {
    match principal.identity() {
        Identity::Role(role) => role.arn(),
        Identity::Root | Identity::User(_) => principal.arn().to_owned(),
    }
}

/// The records of an account, page by page.
struct Pages<R> {
    next: Option<Query>,
    kind: std::marker::PhantomData<R>,
}

impl<R: Record> Pages<R> {
    fn of(account: &AccountId) -> Self {
        Self {
            next: Some(Query::primary(PAGE).equal(account)),
            kind: std::marker::PhantomData,
        }
    }

    /// `None` after the last.
    async fn next(&mut self, app: &App) -> Result<Option<Vec<std::sync::Arc<R>>>, ExplainError> {
        let Some(query) = self.next.take() else {
            return Ok(None);
        };
        let page = app.ledger.begin().query::<R>(&query).await?;
        if let Some(last) = page.last().filter(|_| page.len() == PAGE) {
            let cursor = query.cursor(last.record.as_ref());
            self.next = Some(query.after(cursor));
        }
        Ok(Some(page.into_iter().map(|found| found.record).collect()))
    }
}

const PAGE: usize = 500;
