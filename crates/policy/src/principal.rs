//! Principals: whom a statement is about.
//!
//! Rules kept here:
//! - An account (`123456789012`, or the ARN of its root) means its root directly, and every other
//!   identity of the account by delegation: the account's own policies have the last word.
//! - A role means all its sessions; a session only itself.
//! - `*` means everyone. For a session it counts like its role, and for a user as bounded as that:
//!   only naming a user lifts its permissions boundary. To a web identity it grants nothing: a
//!   trust policy has to name the provider. These are the readings that grant less.
//! - `NotPrincipal` exempts whom it names: a user by its own name, a session by its own or its
//!   role's, an account's root by the account. An account does not exempt its users, just as
//!   IAM's documentation lists an account beside the one user of it who is meant.
//! - An entry bound to a unique id means the holder of that id, whatever it is called now.

use std::collections::BTreeMap;

use crate::document::json::{Member, Node, Value};
use crate::document::{Findings, Path, Place, PrincipalType, each_text, quoted};
use crate::request::{Caller, Identity};

/// A `Principal` or `NotPrincipal` element.
#[derive(Clone, Debug)]
pub(crate) struct Principals {
    entries: Vec<Entry>,
    /// `NotPrincipal`: everyone but these.
    except: bool,
}

/// One name in it.
#[derive(Clone, Debug)]
struct Entry {
    /// As written.
    text: Box<str>,
    who: Who,
}

#[derive(Clone, Debug)]
enum Who {
    Everyone,
    /// The id of the account.
    Account(Box<str>),
    User(UniqueId),
    Role(UniqueId),
    Session(UniqueId),
    /// A user or role by nothing but its unique id.
    Id,
    Service,
    Federated,
    /// A canonical user id, which nobody here has.
    Canonical,
}

/// The unique id an ARN had when the policy was written, where that is known.
type UniqueId = Option<Box<str>>;

/// How directly a statement means the caller. What a resource's policy grants to a role or a user
/// is bounded differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Not to grant to: by its account, or a web identity along with everyone.
    Delegated,
    /// By its role, or a user along with everyone.
    Role,
    /// As a user.
    User,
    /// As itself: a root, a session, a service, a stranger.
    Itself,
}

impl Principals {
    /// How the caller is meant, `None` when it is not.
    pub(crate) fn reach(&self, caller: &Caller<'_>) -> Option<Reach> {
        if !self.except {
            let reaches = self.entries.iter().filter_map(|entry| entry.reach(caller));
            return reaches.max_by_key(|reach| *reach as u8);
        }
        let exempts = |entry: &Entry| !matches!(entry.reach(caller), None | Some(Reach::Delegated));
        (!self.entries.iter().any(exempts)).then_some(Reach::Itself)
    }

    /// Whether it is `NotPrincipal`.
    pub(crate) fn exempts(&self) -> bool {
        self.except
    }

    /// Whether it lets everyone in.
    pub(crate) fn is_open(&self) -> bool {
        self.except
            || self
                .entries
                .iter()
                .any(|entry| matches!(entry.who, Who::Everyone))
    }

    pub(crate) fn bind(&mut self, ids: &BTreeMap<String, String>) {
        for entry in &mut self.entries {
            if let Who::User(id) | Who::Role(id) | Who::Session(id) = &mut entry.who
                && let Some(known) = ids.get(&*entry.text)
            {
                *id = Some(known.as_str().into());
            }
        }
    }

    pub(crate) fn named(&self) -> impl Iterator<Item = (PrincipalType, &str)> {
        self.entries.iter().map(|entry| {
            let kind = match entry.who {
                Who::Service => PrincipalType::Service,
                Who::Federated => PrincipalType::Federated,
                Who::Canonical => PrincipalType::CanonicalUser,
                Who::Everyone
                | Who::Account(_)
                | Who::User(_)
                | Who::Role(_)
                | Who::Session(_)
                | Who::Id => PrincipalType::Aws,
            };
            (kind, &*entry.text)
        })
    }

    pub(crate) fn weight(&self) -> usize {
        let texts = self.entries.iter().map(|entry| {
            let id = match &entry.who {
                Who::Account(id) => id.len(),
                Who::User(id) | Who::Role(id) | Who::Session(id) => {
                    id.as_deref().map_or(0, str::len)
                }
                Who::Everyone | Who::Id | Who::Service | Who::Federated | Who::Canonical => 0,
            };
            entry.text.len() + id
        });
        size_of_val(&*self.entries) + texts.sum::<usize>()
    }
}

impl Entry {
    fn reach(&self, caller: &Caller<'_>) -> Option<Reach> {
        let text = &*self.text;
        // By the unique id where there is one, by the name otherwise.
        let is = |bound: &UniqueId, arn: &str, id: &str| match bound {
            Some(bound) => **bound == *id,
            None => text == arn,
        };
        match (&self.who, caller.identity) {
            (Who::Everyone, Identity::User { .. } | Identity::Session { .. }) => Some(Reach::Role),
            (Who::Everyone, Identity::Federated { .. }) => Some(Reach::Delegated),
            (Who::Everyone, _) => Some(Reach::Itself),
            (Who::Account(account), identity) if **account == *caller.account => match identity {
                Identity::Root { .. } => Some(Reach::Itself),
                Identity::User { .. } | Identity::Session { .. } => Some(Reach::Delegated),
                Identity::Service { .. } | Identity::Federated { .. } | Identity::Anonymous => None,
            },
            (Who::User(bound), Identity::User { arn, id }) => {
                is(bound, arn, id).then_some(Reach::User)
            }
            (Who::Id, Identity::User { id, .. }) => (text == id).then_some(Reach::User),
            (
                Who::Role(bound),
                Identity::Session {
                    role_arn, role_id, ..
                },
            ) => is(bound, role_arn, role_id).then_some(Reach::Role),
            (Who::Id, Identity::Session { role_id, .. }) => {
                (text == role_id).then_some(Reach::Role)
            }
            (
                Who::Session(bound),
                Identity::Session {
                    session_arn,
                    role_id,
                    ..
                },
            ) => {
                let same_role = bound.as_deref().is_none_or(|bound| bound == role_id);
                (text == session_arn && same_role).then_some(Reach::Itself)
            }
            (Who::Service, Identity::Service { name }) => (text == name).then_some(Reach::Itself),
            (Who::Federated, Identity::Federated { provider }) => {
                (text == provider).then_some(Reach::Itself)
            }
            _ => None,
        }
    }
}

/// Reads the element, noting what is wrong with it. What is returned counts only when nothing is.
pub(crate) fn parse(
    node: &Node<'_>,
    except: bool,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Principals {
    let mut entries = Vec::new();
    match &node.value {
        Value::Text(text) if text == "*" => entries.push(Entry {
            text: "*".into(),
            who: Who::Everyone,
        }),
        Value::Object(members) if members.is_empty() => {
            findings.add(node.start, path, "names no principal");
        }
        Value::Object(members) => {
            for member in members {
                parse_kind(member, path, findings, &mut entries);
            }
        }
        _ => {
            let message = "a principal is `\"*\"` or an object such as `{\"AWS\": \"…\"}`";
            findings.add(node.start, path, message);
        }
    }
    Principals { entries, except }
}

fn parse_kind(
    member: &Member<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
    entries: &mut Vec<Entry>,
) {
    let path = path.name(&member.name);
    let read: fn(&str) -> Result<Who, String> = match member.name.as_str() {
        "AWS" => parse_aws,
        "Service" => |text| plain(text, Who::Service),
        "Federated" => |text| plain(text, Who::Federated),
        "CanonicalUser" => |text| plain(text, Who::Canonical),
        name => {
            let message = format!(
                "unknown kind of principal {}; write `AWS`, `Service`, `Federated` or \
                 `CanonicalUser`",
                quoted(name)
            );
            findings.add(member.place, &path, message);
            return;
        }
    };
    each_text(
        &member.node,
        &path,
        findings,
        |text, place: Place, path, findings| match read(text) {
            Ok(who) => entries.push(Entry {
                text: text.into(),
                who,
            }),
            Err(message) => findings.add(place, path, message),
        },
    );
}

fn plain(text: &str, who: Who) -> Result<Who, String> {
    if text.is_empty() {
        return Err(String::from("a principal is empty"));
    }
    if has_wildcard(text) {
        return Err(wildcard(text));
    }
    Ok(who)
}

fn parse_aws(text: &str) -> Result<Who, String> {
    if text == "*" {
        return Ok(Who::Everyone);
    }
    if has_wildcard(text) {
        return Err(wildcard(text));
    }
    if is_account(text) {
        return Ok(Who::Account(text.into()));
    }
    if is_unique_id(text) {
        return Ok(Who::Id);
    }
    by_arn(text).ok_or_else(|| {
        format!(
            "{} is no principal; write `*`, an account id, or the ARN of a root, user, role or \
             session",
            quoted(text)
        )
    })
}

fn by_arn(text: &str) -> Option<Who> {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next();
    let is_partition = |text: &str| text.starts_with("aws");
    if next()? != "arn" || !next().is_some_and(is_partition) {
        return None;
    }
    let service = next()?;
    let region = next()?;
    let account = next().filter(|account| is_account(account))?;
    let resource = next()?;
    if !region.is_empty() {
        return None;
    }
    if (service, resource) == ("iam", "root") {
        return Some(Who::Account(account.into()));
    }
    let (kind, name) = resource.split_once('/')?;
    if name.is_empty() || name.starts_with('/') || name.ends_with('/') {
        return None;
    }
    match (service, kind) {
        ("iam", "user") => Some(Who::User(None)),
        ("iam", "role") => Some(Who::Role(None)),
        ("sts", "assumed-role") if name.contains('/') => Some(Who::Session(None)),
        ("sts", "federated-user") => Some(Who::User(None)),
        _ => None,
    }
}

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

fn wildcard(text: &str) -> String {
    format!(
        "{} has a wildcard; a principal is named in full, or everyone by `*`",
        quoted(text)
    )
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_unique_id(text: &str) -> bool {
    let known = text.starts_with("AIDA") || text.starts_with("AROA");
    let symbols = text
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    known && symbols && (16..=128).contains(&text.len())
}
