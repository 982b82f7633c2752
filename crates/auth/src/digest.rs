use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// SHA-256 of a secret's text as it is sent, prefix included: what is stored and looked up instead of the secret.
///
/// A plain digest is enough because everything digested here carries at least 160 random bits; what people choose
/// themselves goes through [`password`](crate::password). There is no `==` on purpose: compare with
/// [`matches`](Self::matches).
#[derive(Clone, Copy)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    pub(crate) fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// A digest read back from where it is stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store or to look up by.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both come from the same secret. Takes the same time wherever they differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_is_sha256_of_the_text() {
        // FIPS 180-2, appendix B.1.
        let digest = SecretDigest::of("abc");
        assert_eq!(digest.as_bytes()[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(digest.as_bytes()[28..], [0xf2, 0x00, 0x15, 0xad]);
    }

    #[test]
    fn digests_match_only_when_every_byte_does() {
        let digest = SecretDigest::of("abc");
        for at in 0..32 {
            let mut bytes = *digest.as_bytes();
            bytes[at] ^= 1;
            assert!(!digest.matches(&SecretDigest::from_bytes(bytes)));
        }
        assert!(digest.matches(&SecretDigest::from_bytes(*digest.as_bytes())));
    }
}
