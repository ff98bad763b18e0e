//! Who may do something to a secret or a key.

use super::asked::{ANY, asked_principal, session_of};
use super::bearing::{Doubt, Mood};
use super::matter::Matter;
use super::part::{Case, Imagined, Part};
use super::subject::{SECRETS_MANAGER, Sought, Subject};
use super::{Access, ExplainError, asked_region, is_action, named_region};
use crate::app::App;
use crate::identity::accounts;
use crate::identity::model::{Role, User};
use crate::identity::{Identity, Principal, root, user};
use crate::kms::questions::KeyAction;
use crate::tx::Tx;
use base::{AccountId, Arn, RegionName};
use policy::{Cause, Decision, Effect, Kind, PrincipalType, Towards};
use std::collections::BTreeSet;
use store::{Query, Record};

impl App {
    /// Everyone of this deployment who may do `action` to the secret `id`, or to the key if it is an
    /// action of KMS, one of `account` in `region` when it is only named: roots, users and roles of
    /// its own account and of those that its policy or a grant names, and sessions that are named
    /// there or by the policy or a grant of a key that is needed.
    ///
    /// # Errors
    /// When there is no such secret or key; a failure of ours.
    pub async fn who_can(
        &self,
        action: &str,
        id: &str,
        account: &AccountId,
        region: &RegionName,
    ) -> Result<Vec<Access>, ExplainError> {
        is_action(action)?;
        let mut tx = self.ledger.begin();
        let region = named_region(id).unwrap_or_else(|| region.clone());
        let subject = sought(&mut tx, action, id, account, &region).await?;
        let main = Part::by_itself(action, subject);
        let mut search = Search {
            app: self,
            matter: &Matter::of(&mut tx, main, &[]).await?,
            region: asked_region(action, region),
            found: Vec::new(),
        };
        let (accounts, sessions) = search.candidates(&mut tx).await?;
        for account in accounts {
            search.account(&account).await?;
        }
        for session in sessions {
            search.session(&session).await?;
        }
        Ok(search.found)
    }
}

/// The secret, key or alias `id`, which has to be there.
async fn sought(
    tx: &mut Tx<'_>,
    action: &str,
    id: &str,
    account: &AccountId,
    region: &RegionName,
) -> Result<Subject, ExplainError> {
    let of_kms = KeyAction::of(action);
    let unknown = || match of_kms {
        Some(_) => ExplainError::NoKey(id.to_owned()),
        None => ExplainError::NoSecret(id.to_owned()),
    };
    let sought = Sought {
        resource: id,
        action: of_kms.as_ref().map_or(SECRETS_MANAGER, |_| action),
        account,
        region,
        given: &[],
    };
    let found = match Subject::find(tx, &sought).await {
        Err(ExplainError::NotAResource(_) | ExplainError::NotAKey(_)) => return Err(unknown()),
        found => found?.by_itself(),
    };
    if found.is_there() {
        Ok(found)
    } else {
        Err(unknown())
    }
}

struct Search<'a> {
    app: &'a App,
    matter: &'a Matter,
    region: RegionName,
    found: Vec<Access>,
}

/// Who is named somewhere.
#[derive(Default)]
struct Named {
    accounts: BTreeSet<String>,
    sessions: BTreeSet<String>,
    /// Whether everyone is, or somebody of whom the account is not told.
    anyone: bool,
}

impl Search<'_> {
    /// The accounts whose identities may have access, and the sessions that are named one by one.
    async fn candidates(
        &self,
        tx: &mut Tx<'_>,
    ) -> Result<(BTreeSet<String>, BTreeSet<String>), ExplainError> {
        let existing = accounts::list(self.app).await?;
        let existing = existing.into_iter().map(|one| one.account_id.to_string());
        let existing: BTreeSet<String> = existing.collect();
        let main = &self.matter.main.subject;
        let mut named = Named::by(tx, main).await?;
        named.accounts.insert(main.owner().to_string());
        if named.anyone {
            named.accounts.extend(existing.iter().cloned());
        }
        named.accounts.retain(|account| existing.contains(account));
        // Who lacks the one needs not the other, so the keys bring no more accounts.
        for part in self.matter.ways.iter().flat_map(|way| &way.parts) {
            let beside = Named::by(tx, &part.subject).await?;
            named.sessions.extend(beside.sessions);
        }
        Ok((named.accounts, named.sessions))
    }

    /// The root, the users and the roles of an account.
    async fn account(&mut self, account: &str) -> Result<(), ExplainError> {
        let Ok(account) = AccountId::parse(account) else {
            return Ok(());
        };
        let mut tx = self.app.ledger.begin();
        self.judge(&mut tx, &root(account.clone())).await?;
        let mut users = Pages::<User>::of(&account);
        while let Some(page) = users.next(self.app).await? {
            // Others want the thread too.
            tokio::task::yield_now().await;
            let mut tx = self.app.ledger.begin();
            for found in page {
                if let Some(user) = user(&mut tx, &account, &found.name).await? {
                    self.judge(&mut tx, &user).await?;
                }
            }
        }
        let mut roles = Pages::<Role>::of(&account);
        while let Some(page) = roles.next(self.app).await? {
            tokio::task::yield_now().await;
            let mut tx = self.app.ledger.begin();
            for role in page {
                let session = session_of(&mut tx, role, ANY, self.app.clock.now()).await?;
                self.judge(&mut tx, &session).await?;
            }
        }
        Ok(())
    }

    /// A session that the resource policy names, if its role exists.
    async fn session(&mut self, arn: &str) -> Result<(), ExplainError> {
        let mut tx = self.app.ledger.begin();
        match asked_principal(&mut tx, arn, self.app.clock.now()).await {
            Ok(principal) => {
                let before = self.found.len();
                self.judge(&mut tx, &principal).await?;
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
    async fn judge(&mut self, tx: &mut Tx<'_>, principal: &Principal) -> Result<(), ExplainError> {
        if self.matter.is_locked_to(principal) {
            return Ok(());
        }
        let imagined = Imagined {
            app: self.app,
            region: &self.region,
            given: &[],
        };
        let main = &self.matter.main;
        let main = main.weigh(tx, principal, imagined, Leave::of).await?;
        if !main.doubt.hope {
            return Ok(());
        }
        let mut ways = Vec::with_capacity(self.matter.ways.len());
        for way in &self.matter.ways {
            let mut parts = Vec::with_capacity(way.parts.len());
            for part in &way.parts {
                parts.push(part.weigh(tx, principal, imagined, Leave::of).await?);
            }
            ways.push(Leave::any(parts));
        }
        self.found.extend(main.with(ways).access(principal));
        Ok(())
    }
}

impl Named {
    /// By the policy of `subject`, and by grants on it.
    async fn by(tx: &mut Tx<'_>, subject: &Subject) -> Result<Self, ExplainError> {
        let mut named = Self::default();
        let policy = match (subject.key(), subject.own_policy()) {
            (Some(key), _) => key.policy()?,
            (None, Some(own)) => Some(own.document.policy()?),
            (None, None) => None,
        };
        if let Some(policy) = policy {
            named.anyone = policy.exempts_principals();
            let texts = policy.named_principals();
            let texts = texts.filter(|(kind, _)| *kind == PrincipalType::Aws);
            texts.for_each(|(_, text)| named.add(text));
        }
        if let Some(key) = subject.key() {
            let grantees = key.grantees(tx).await?;
            grantees.iter().for_each(|text| named.add(text));
        }
        Ok(named)
    }

    fn add(&mut self, text: &str) {
        if let Ok(arn) = Arn::parse(text) {
            if arn.service == "sts" && arn.resource.starts_with("assumed-role/") {
                self.sessions.insert(text.to_owned());
            }
            self.accounts.insert(arn.account);
        } else if AccountId::parse(text).is_ok() {
            self.accounts.insert(text.to_owned());
        } else {
            // Everyone, or a unique id, which does not tell its account.
            self.anyone = true;
        }
    }
}

/// What a principal may, and by what.
struct Leave {
    doubt: Doubt,
    via: Vec<String>,
}

impl Leave {
    fn of(case: &Case<'_>) -> Self {
        let doubt = case.doubt();
        let mood = Mood::To(if doubt.is_open() {
            Towards::Allowing
        } else {
            Towards::Denying
        });
        let mut via = if doubt.hope {
            case.bearing.judge(mood, case, paths)
        } else {
            Vec::new()
        };
        // The key of a service is nothing to speak of while it needs no leave.
        let is_managed = case.part.subject.key().is_some_and(|key| key.is_managed());
        if case.part.via.is_some() {
            via.retain(|_| !is_managed || doubt.is_open());
            let action = &case.part.action;
            via.iter_mut()
                .for_each(|path| *path = format!("{action}: {path}"));
        }
        Self { doubt, via }
    }

    /// Of parts of which one suffices.
    fn any(parts: Vec<Self>) -> Self {
        let any = |tells: fn(&Doubt) -> bool| parts.iter().any(|part| tells(&part.doubt));
        let (hope, certainty) = (any(|doubt| doubt.hope), any(|doubt| doubt.certainty));
        let keys: BTreeSet<&String> = parts.iter().flat_map(|part| &part.doubt.keys).collect();
        let doubt = Doubt {
            hope,
            certainty,
            keys: keys.into_iter().cloned().collect(),
        };
        Self {
            doubt,
            via: parts.into_iter().flat_map(|part| part.via).collect(),
        }
    }

    /// With what has to be allowed as well: each of these.
    fn with(self, ways: Vec<Self>) -> Self {
        if ways.is_empty() {
            return self;
        }
        let doubt = self.doubt.and(ways.iter().map(|way| &way.doubt));
        let mut via = self.via;
        for path in ways.into_iter().flat_map(|way| way.via) {
            if !via.contains(&path) {
                via.push(path);
            }
        }
        Self { doubt, via }
    }

    fn access(self, principal: &Principal) -> Option<Access> {
        let conditional = self.doubt.is_open();
        self.doubt.hope.then(|| Access {
            principal: shown(principal),
            via: self.via,
            conditional,
            keys: if conditional {
                self.doubt.keys
            } else {
                Vec::new()
            },
        })
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
            // A grant is but one statement.
            Kind::Resource if cause.policy.starts_with("grant ") => cause.policy.to_owned(),
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
