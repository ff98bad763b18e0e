/// Chance from a seed, so that a failure can be run again.
///
/// The generator is SplitMix64: short, and good enough to shuffle a test.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The sequence of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A seed nobody has seen before.
    pub fn fresh_seed() -> u64 {
        use std::hash::{BuildHasher as _, RandomState};
        RandomState::new().hash_one("strongroom")
    }

    /// Sixty-four bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("a bound fits");
        usize::try_from(self.bits() % bound).expect("what is below a bound fits")
    }

    /// One of `choices`.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// A text of `length` letters and digits.
    pub fn letters(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| char::from(*self.pick(LETTERS)))
            .collect()
    }

    /// Some bytes.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.bits().to_le_bytes()[0]).collect()
    }

    /// A request token of 36 characters.
    pub fn token(&mut self) -> String {
        format!("{:016x}-{:019x}", self.bits(), self.bits())
    }
}

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_sequence_again() {
        let mut one = Dice::new(7);
        let mut other = Dice::new(7);

        assert_eq!(one.letters(40), other.letters(40));
        assert_eq!(one.token().len(), 36);
        assert_eq!(one.bytes(33).len(), 33);
    }
}
