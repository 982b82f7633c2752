//! Chance that is the same everywhere.

/// Numbers as they come from a counter (Steele, Lea and Flood 2014): the same for the same seed, everywhere.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn of(text: &str) -> Self {
        Self(
            text.bytes()
                .fold(0x9e37_79b9_7f4a_7c15, |seed, byte| (seed ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)),
        )
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    pub(crate) fn of_these<'t, T>(&mut self, those: &'t [T]) -> Option<&'t T> {
        let at = self.below(those.len());
        those.get(at)
    }
}
