use std::sync::atomic::{AtomicU64, Ordering};

use routemate_app::Entropy;

/// Bytes that look random, never come twice from one instance, and are the same for the same seed.
///
/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) over a counter: a bijection, so no block of eight bytes repeats.
/// Instances that work on one database need different seeds.
#[derive(Debug)]
pub struct FakeEntropy(AtomicU64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl FakeEntropy {
    /// The bytes of this seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(AtomicU64::new(mix(seed)))
    }
}

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Entropy for FakeEntropy {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let block = mix(self.0.fetch_add(GOLDEN, Ordering::Relaxed)).to_le_bytes();
            for (byte, random) in chunk.iter_mut().zip(block) {
                *byte = random;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(entropy: &FakeEntropy) -> [u8; 10] {
        let mut bytes = [0; 10];
        entropy.fill(&mut bytes);
        bytes
    }

    #[test]
    fn equal_seeds_give_equal_bytes_and_nothing_comes_twice() {
        let (one, same, other) = (FakeEntropy::seeded(1), FakeEntropy::seeded(1), FakeEntropy::seeded(2));
        let first = draw(&one);
        assert_eq!(first, draw(&same));
        assert_ne!(first, draw(&one));
        assert_ne!(first, draw(&other));
    }
}
