//! One thing that has to be allowed, and what comes of it for one principal.

use super::ExplainError;
use super::bearing::{Bearing, Doubt, Mood};
use super::circumstances::{Circumstances, World};
use super::subject::Subject;
use crate::app::App;
use crate::identity::Principal;
use crate::kms::is_only_bound;
use crate::kms::questions::Granted;
use crate::tx::Tx;
use base::RegionName;
use policy::{Decision, Towards};

/// An action, what it is done to, and by whom in whose name.
pub(super) struct Part {
    pub(super) action: String,
    pub(super) subject: Subject,
    /// The service that does it in its caller's name. `None`: the caller itself does.
    pub(super) via: Option<&'static str>,
}

/// What is known of the request behind a question, beside its caller.
#[derive(Clone, Copy)]
pub(super) struct Imagined<'a> {
    pub(super) app: &'a App,
    /// The Region that it goes to.
    pub(super) region: &'a RegionName,
    /// Condition keys that the question gives.
    pub(super) given: &'a [(String, String)],
}

/// A part as one principal has it.
pub(super) struct Case<'a> {
    pub(super) part: &'a Part,
    pub(super) principal: &'a Principal,
    pub(super) bearing: &'a Bearing<'a>,
    pub(super) circumstances: &'a Circumstances<'a>,
}

impl Part {
    /// What a caller does by itself.
    pub(super) fn by_itself(action: &str, subject: Subject) -> Self {
        Self {
            action: action.to_owned(),
            subject,
            via: None,
        }
    }

    /// Lends `then` what bears on the part when `principal` does it.
    ///
    /// # Errors
    /// A failure of the store; a policy that cannot be read: then nothing is allowed.
    pub(super) async fn weigh<T>(
        &self,
        tx: &mut Tx<'_>,
        principal: &Principal,
        imagined: Imagined<'_>,
        then: impl FnOnce(&Case<'_>) -> T,
    ) -> Result<T, ExplainError> {
        let granted: Vec<Granted> = self.subject.granted(tx, principal).await?;
        let bearing = Bearing::of(principal, &self.subject, &granted)?;
        let world = World::new(principal, self, imagined);
        Ok(world.look(|circumstances| {
            then(&Case {
                part: self,
                principal,
                bearing: &bearing,
                circumstances,
            })
        }))
    }

    /// Whether it cannot be done by `principal`, whatever policies say.
    ///
    /// COMPAT: the default key of an account serves its own account only, so that secrets under
    /// it cannot be shared (behaviour reference §8.4).
    pub(super) fn is_closed_to(&self, principal: &Principal) -> bool {
        let key = self.subject.key().filter(|_| self.via.is_some());
        key.is_some_and(|key| key.is_managed() && key.owner() != principal.account())
    }
}

impl Case<'_> {
    /// Whether nothing but a bound is against it, and that keeps nobody from the key.
    ///
    /// COMPAT: as in requests, what bounds a caller keeps it from no key of a service that uses it for
    /// the caller; in a `mood` that looks for what may be, one may do so.
    pub(super) fn forgives(&self, mood: Mood, decision: &Decision<'_>) -> bool {
        let Some(key) = self.part.subject.key().filter(|key| key.is_managed()) else {
            return false;
        };
        let is_by_service = match mood {
            _ if self.part.via.is_some() => true,
            Mood::AsIs | Mood::To(Towards::Denying) => false,
            Mood::To(Towards::Applying | Towards::Allowing) => {
                key.action().is_done_by_services() && self.circumstances.is_open("kms:ViaService")
            }
        };
        let is_explicit = matches!(decision, Decision::ExplicitlyDenied { .. });
        is_by_service && is_only_bound(is_explicit, decision.kind())
    }

    /// Whether the answer hangs on a request, and on what of it.
    pub(super) fn doubt(&self) -> Doubt {
        if self.part.is_closed_to(self.principal) {
            return Doubt::no();
        }
        self.bearing.doubt(self)
    }
}
