//! Policies that are part of one user, group or role.

use super::{Ask, Grantee};
use crate::cx::Cx;
use crate::iam::documents;
use crate::iam::error::Error;
use crate::iam::listing::{self, Page};
use crate::iam::target::Target;
use crate::iam::view::{Done, encoded_document};
use crate::paging::Listing;
use crate::tx::Reply;
use std::marker::PhantomData;
use wire::xml;

/// Embeds a policy, or replaces the one of this name.
///
/// # Errors
/// [`Error::NoSuchEntity`], [`Error::MalformedPolicy`], [`Error::PolicyTooLarge`].
pub(crate) async fn put<R: Grantee>(
    cx: &Cx<'_>,
    ask: Ask<'_>,
    policy_name: &str,
    text: &str,
) -> Result<Reply<Done>, Error> {
    let mut tx = cx.begin();
    let target = Target::<R>::find(cx, &mut tx, ask.name).await?;
    let permit = cx.authorize_with(ask.action, target.resource(), &target.keys())?;

    let found = target.existing(&permit)?;
    let mut entity = R::clone(&found.record);
    let document = documents::parse(text)?;
    let inline = &mut entity.grants_mut().inline;
    inline.insert(policy_name.to_owned(), document);
    let size: usize = inline.values().map(|one| documents::size(one.text())).sum();
    if size > R::INLINE_SIZE {
        return Err(Error::PolicyTooLarge {
            kind: R::KIND_NAME,
            name: entity.name().to_owned(),
            limit: R::INLINE_SIZE,
        });
    }
    tx.update(&permit, entity, found.rev);
    let recorded = tx.commit(cx.event(&permit)).await?;

    Ok(recorded.reply(Done))
}

/// Tells an embedded policy.
///
/// # Errors
/// [`Error::NoSuchEntity`] for the identity or the policy.
pub(crate) async fn get<R: Grantee>(
    cx: &Cx<'_>,
    ask: Ask<'_>,
    policy_name: &str,
) -> Result<Reply<InlinePolicy<R>>, Error> {
    let mut tx = cx.begin();
    let target = Target::<R>::find(cx, &mut tx, ask.name).await?;
    let permit = cx.authorize(ask.action, target.resource())?;

    let entity = &target.existing(&permit)?.record;
    let found = entity.grants().inline.get_key_value(policy_name);
    let (policy_name, document) = found.ok_or_else(|| missing::<R>(policy_name))?;
    let output = InlinePolicy {
        entity_name: entity.name().to_owned(),
        policy_name: policy_name.clone(),
        text: document.text().to_owned(),
        of: PhantomData,
    };
    let recorded = tx.finish(cx.event(&permit)).await?;

    Ok(recorded.reply(output))
}

/// Takes an embedded policy away.
///
/// # Errors
/// [`Error::NoSuchEntity`] for the identity or the policy.
pub(crate) async fn delete<R: Grantee>(
    cx: &Cx<'_>,
    ask: Ask<'_>,
    policy_name: &str,
) -> Result<Reply<Done>, Error> {
    let mut tx = cx.begin();
    let target = Target::<R>::find(cx, &mut tx, ask.name).await?;
    let permit = cx.authorize_with(ask.action, target.resource(), &target.keys())?;

    let found = target.existing(&permit)?;
    let mut entity = R::clone(&found.record);
    let removed = entity.grants_mut().inline.remove(policy_name);
    removed.ok_or_else(|| missing::<R>(policy_name))?;
    tx.update(&permit, entity, found.rev);
    let recorded = tx.commit(cx.event(&permit)).await?;

    Ok(recorded.reply(Done))
}

/// Lists the names of embedded policies.
///
/// # Errors
/// [`Error::NoSuchEntity`]; [`Error::InvalidMarker`] for a marker of another list.
pub(crate) async fn list<R: Grantee>(
    cx: &Cx<'_>,
    ask: Ask<'_>,
    operation: &'static str,
    marker: Option<&str>,
    max_items: Option<i64>,
) -> Result<Reply<InlinePolicies>, Error> {
    let mut tx = cx.begin();
    let target = Target::<R>::find(cx, &mut tx, ask.name).await?;
    let permit = cx.authorize(ask.action, target.resource())?;

    let entity = &target.existing(&permit)?.record;
    let page = listing::Ask {
        listing: Listing {
            operation,
            question: &[entity.id().as_bytes()],
        },
        marker,
        max_items,
    };
    let page = page.slice(cx, entity.grants().inline.keys().cloned())?;
    let recorded = tx.finish(cx.event(&permit)).await?;

    Ok(recorded.reply(InlinePolicies(page)))
}

/// One embedded policy.
pub(crate) struct InlinePolicy<R> {
    entity_name: String,
    policy_name: String,
    text: String,
    of: PhantomData<R>,
}

impl<R: Grantee> xml::Output for InlinePolicy<R> {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.text(R::NAME_MEMBER, &self.entity_name);
        result.text("PolicyName", &self.policy_name);
        result.text("PolicyDocument", &encoded_document(&self.text));
    }
}

/// The names of embedded policies.
pub(crate) struct InlinePolicies(Page<String>);

impl xml::Output for InlinePolicies {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.texts("PolicyNames", &self.0.items);
        self.0.write_end(result);
    }
}

fn missing<R: Grantee>(policy_name: &str) -> Error {
    Error::NoSuchEntity {
        kind: R::INLINE_KIND,
        name: policy_name.to_owned(),
    }
}
