use base::Entropy;
use std::sync::atomic::{AtomicU64, Ordering};

/// Chance from a seed: the same for every run of a test. Never to be used for real keys.
#[derive(Debug)]
pub struct SeededEntropy(AtomicU64);

impl SeededEntropy {
    /// The stream of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buf: &mut [u8]) {
        for chunk in buf.chunks_mut(8) {
            let state = self.0.fetch_add(GOLDEN_GAMMA, Ordering::SeqCst);
            let drawn = mixed(state).to_le_bytes();
            chunk.copy_from_slice(drawn.get(..chunk.len()).unwrap());
        }
    }
}

/// The finalizer of SplitMix64.
fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
