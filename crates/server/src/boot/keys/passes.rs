/// What one pass over the KMS keys did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KmsPass {
    /// The root key that sealed when it began.
    pub(crate) newest: u32,
    /// How many KMS keys it sealed anew.
    pub(crate) sealed: u64,
    /// How many it could not.
    pub(crate) left: u64,
    /// Whether it began because the period was over, and not at the start or after a rotation.
    pub(crate) is_periodic: bool,
}

impl KmsPass {
    fn is_clean(self) -> bool {
        self.sealed == 0 && self.left == 0
    }
}

/// Periodic passes in a row that found nothing to do.
///
/// They tell the time since the last rotation as the process saw it go by.
#[derive(Clone, Copy, Default)]
pub(super) struct CleanPasses {
    /// The newest root key that they were about.
    newest: u32,
    count: u32,
}

impl CleanPasses {
    /// Forgets the passes: they told nothing, because somebody sealed under an older key meanwhile.
    pub(super) fn begin_anew(&mut self) {
        self.count = 0;
    }

    /// Counts `pass`. Whether there are enough of them now.
    pub(super) fn count(&mut self, pass: KmsPass) -> bool {
        if self.newest != pass.newest || !pass.is_clean() {
            *self = Self {
                newest: pass.newest,
                count: 0,
            };
        }
        if pass.is_clean() && pass.is_periodic {
            self.count = self.count.saturating_add(1);
        }
        self.count >= ENOUGH
    }
}

/// At least four whole periods between the first and the last: far more than any request may take.
const ENOUGH: u32 = 5;
