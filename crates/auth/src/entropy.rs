/// Where random bytes come from: the operating system in the binary, a counter in tests.
///
/// Everything minted from it is only as hard to guess as its bytes, so an implementation outside tests must be a
/// cryptographic generator. It cannot fail: one that runs dry has to stop the process rather than hand out zeros.
pub trait Entropy: Send + Sync {
    /// Fills all of `out`.
    fn fill(&self, out: &mut [u8]);
}

/// `N` bytes at once.
pub(crate) fn draw<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// Bytes that differ from call to call and from test run to test run not at all.
#[cfg(test)]
#[derive(Debug, Default)]
pub(crate) struct CountingEntropy(std::sync::atomic::AtomicU8);

#[cfg(test)]
impl Entropy for CountingEntropy {
    fn fill(&self, out: &mut [u8]) {
        for byte in out {
            *byte = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed).wrapping_mul(167);
        }
    }
}
