//! The trail that a request names.

use super::error::Error;
use super::model::Trail;
use super::names::{TrailId, check_name};
use super::records::{key_of, trails_of};
use crate::authorize::{Action, Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::tags::Tags;
use crate::tx::Tx;
use base::CommonError;
use std::sync::Arc;
use store::Versioned;

/// A trail that a caller named, and perhaps the trail behind it.
///
/// INVARIANT: "not found" is told only to holders of a [`Permit`], so that refusal comes first.
pub(super) struct Target {
    sent: String,
    id: TrailId,
    found: Option<Versioned<Trail>>,
}

impl Target {
    /// Looks up the trail that `sent` names: by ARN, by name in this Region, or by the name of a trail of
    /// all Regions.
    ///
    /// # Errors
    /// [`Error::ArnInvalid`]; a failure of the store.
    pub(super) async fn find(cx: &Cx<'_>, tx: &mut Tx<'_>, sent: &str) -> Result<Self, Error> {
        let mut id = TrailId::parse(sent, cx.account(), cx.region)?;
        let mut found = None;
        // COMPAT: trails of other accounts are for nobody here.
        if id.account == *cx.account() {
            let key = key_of(&id.account, &id.region, &id.name);
            found = tx.get::<Trail>(&key).await?;
            if found.is_none() && !id.is_arn {
                found = shadow(tx, &id).await?;
            }
        }
        if let Some(found) = &found {
            id.region = found.record.region.clone();
        }
        Ok(Self {
            sent: sent.to_owned(),
            id,
            found,
        })
    }

    /// Asks whether the caller may do `action` to the trail.
    ///
    /// # Errors
    /// [`CommonError::AccessDenied`] in AWS's words.
    pub(super) fn permit(&self, cx: &Cx<'_>, action: Action) -> Result<Permit, CommonError> {
        self.permit_with(cx, action, Keys::none())
    }

    /// The same, with the condition keys that the operation brings.
    ///
    /// # Errors
    /// As [`Target::permit`].
    pub(super) fn permit_with(
        &self,
        cx: &Cx<'_>,
        action: Action,
        keys: Keys<'_>,
    ) -> Result<Permit, CommonError> {
        let mut resource = Resource::named(&self.id.account, self.id.arn()).tagged(self.tags());
        resource.owner = resource.owner.filter(|owner| *owner == cx.account());
        cx.authorize_with(action, resource, &keys)
    }

    fn tags(&self) -> Option<&Tags> {
        self.found.as_ref().map(|found| &found.record.tags)
    }

    /// Whether there is such a trail.
    pub(super) fn is_taken(&self, _: &Permit) -> bool {
        self.found.is_some()
    }

    /// The trail.
    ///
    /// # Errors
    /// [`Error::InvalidTrailName`], [`Error::TrailNotFound`].
    pub(super) fn existing(&self, _: &Permit) -> Result<&Versioned<Trail>, Error> {
        if !self.id.is_arn {
            check_name(&self.sent)?;
        }
        self.found.as_ref().ok_or_else(|| self.missing(&self.sent))
    }

    /// The same, for an operation that names the ARN of what is not there.
    ///
    /// # Errors
    /// As [`Target::existing`].
    pub(super) fn existing_by_arn(&self, permit: &Permit) -> Result<&Versioned<Trail>, Error> {
        self.existing(permit).map_err(|error| match error {
            Error::TrailNotFound(..) => self.missing(&self.id.arn()),
            other => other,
        })
    }

    /// The same, to be changed.
    ///
    /// # Errors
    /// As [`Target::existing`]; [`Error::InvalidHomeRegion`] in another Region than its own.
    pub(super) fn to_change(
        &self,
        cx: &Cx<'_>,
        permit: &Permit,
    ) -> Result<&Versioned<Trail>, Error> {
        let found = self.existing(permit)?;
        match found.record.region == *cx.region {
            true => Ok(found),
            false => Err(Error::InvalidHomeRegion(found.record.region.to_string())),
        }
    }

    /// The trail, whose tags are asked for by its ARN.
    ///
    /// # Errors
    /// [`Error::ArnInvalid`] for a name, [`Error::ResourceNotFound`].
    pub(super) fn tagged(&self, _: &Permit) -> Result<&Versioned<Trail>, Error> {
        if !self.id.is_arn {
            return Err(Error::ArnInvalid(self.sent.clone()));
        }
        let account = self.id.account.to_string();
        let missing = || Error::ResourceNotFound(self.sent.clone(), account);
        self.found.as_ref().ok_or_else(missing)
    }

    fn missing(&self, named: &str) -> Error {
        Error::TrailNotFound(named.to_owned(), self.id.account.to_string())
    }
}

/// A trail of all Regions that has its home in another one.
async fn shadow(tx: &mut Tx<'_>, id: &TrailId) -> Result<Option<Versioned<Trail>>, Error> {
    let trails = tx.query::<Trail>(&trails_of(&id.account)).await?;
    let mut trails = trails.into_iter();
    Ok(trails.find(|trail| trail.record.is_multi_region && trail.record.name == id.name))
}

/// The trails of the caller that are seen in this Region, those of all Regions among them.
///
/// # Errors
/// A failure of the store.
pub(super) async fn seen_here(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    with_shadows: bool,
) -> Result<Vec<Arc<Trail>>, Error> {
    let trails = tx.query::<Trail>(&trails_of(cx.account())).await?;
    let trails = trails.into_iter().map(|trail| trail.record);
    let is_seen =
        |trail: &Arc<Trail>| trail.region == *cx.region || (with_shadows && trail.is_multi_region);
    Ok(trails.filter(is_seen).collect())
}
