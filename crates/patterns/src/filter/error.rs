/// A text that is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why} (character {})", .position.saturating_add(1))]
pub struct Malformed {
    /// Where, in characters from 0.
    position: usize,
    why: &'static str,
}

impl Malformed {
    pub(super) const fn at(position: usize, why: &'static str) -> Self {
        Self { position, why }
    }

    /// Where, in characters from 0.
    pub fn position(&self) -> usize {
        self.position
    }
}
