use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

/// Signs links that let their bearer see one thing until a given second, without an account.
///
/// HMAC-SHA256 over the purpose, the expiry and every part, each with its length in front, so that neither a link for
/// another purpose nor the same bytes cut up differently (`["ab", "c"]`, `["a", "bc"]`) ever pass.
///
/// ```
/// use jiff::{SignedDuration, Timestamp};
/// use routemate_auth::{LinkRefused, SigningKey};
///
/// let key = SigningKey::from_bytes([7; 32]);
/// let now = Timestamp::UNIX_EPOCH;
/// let expires_at = now + SignedDuration::from_hours(1);
/// let signature = key.sign("job", &[b"0197a1"], expires_at);
///
/// assert_eq!(key.verify("job", &[b"0197a1"], expires_at, now, signature.as_str()), Ok(()));
/// assert_eq!(key.verify("job", &[b"0197a2"], expires_at, now, signature.as_str()), Err(LinkRefused::Forged));
/// assert_eq!(key.verify("job", &[b"0197a1"], expires_at, expires_at, signature.as_str()), Err(LinkRefused::Expired));
/// ```
#[derive(Debug)]
pub struct SigningKey(SecretBox<[u8; 32]>);

/// The proof in a signed link: 43 characters of URL-safe base64 without padding. `Debug` hides it.
#[derive(Clone)]
pub struct Signature(String);

/// Why a signed link opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefused {
    /// It was signed here for just this, and its time is over.
    #[error("link has expired")]
    Expired,
    /// It was not signed here for this purpose, these parts and this expiry.
    #[error("link is not genuine")]
    Forged,
}

/// In front of every message, so that the key can sign other things one day without either passing for the other.
const MESSAGE_TAG: &[u8] = b"routemate signed link 1";

impl SigningKey {
    /// The key made of 32 random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// The signature for `purpose` (a constant that names the kind of link) over `parts` until `expires_at`.
    ///
    /// Expiry counts in whole seconds, as links carry it: a fraction of a second is dropped, here and when verifying.
    #[must_use]
    pub fn sign(&self, purpose: &str, parts: &[&[u8]], expires_at: Timestamp) -> Signature {
        Signature(URL_SAFE_NO_PAD.encode(self.mac(purpose, parts, expires_at).finalize().into_bytes()))
    }

    /// Checks that `signature` is the one for these arguments and that `expires_at` is still to come.
    ///
    /// Takes the same time wherever the signature differs.
    ///
    /// # Errors
    /// [`LinkRefused::Forged`] when it is not; only when it is, [`LinkRefused::Expired`] from `expires_at` on.
    pub fn verify(
        &self,
        purpose: &str,
        parts: &[&[u8]],
        expires_at: Timestamp,
        now: Timestamp,
        signature: &str,
    ) -> Result<(), LinkRefused> {
        let tag = URL_SAFE_NO_PAD.decode(signature).map_err(|_| LinkRefused::Forged)?;
        self.mac(purpose, parts, expires_at).verify_slice(&tag).map_err(|_| LinkRefused::Forged)?;
        if now.as_second() >= expires_at.as_second() {
            return Err(LinkRefused::Expired);
        }
        Ok(())
    }

    fn mac(&self, purpose: &str, parts: &[&[u8]], expires_at: Timestamp) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104)")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("a key of 32 bytes");
        mac.update(MESSAGE_TAG);
        mac.update(&expires_at.as_second().to_be_bytes());
        mac.update(&(parts.len() as u64).to_be_bytes());
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

impl Signature {
    /// The text that goes into the link.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: &[&[u8]] = &[b"ab", b"c"];

    fn key() -> SigningKey {
        SigningKey::from_bytes([7; 32])
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[track_caller]
    fn check(purpose: &str, parts: &[&[u8]], expires: i64, now: i64, expected: Result<(), LinkRefused>) {
        let signature = key().sign("job", PARTS, at(1000));
        assert_eq!(key().verify(purpose, parts, at(expires), at(now), signature.as_str()), expected);
    }

    #[test]
    fn genuine_link_opens_until_the_second_it_expires() {
        check("job", PARTS, 1000, 0, Ok(()));
        check("job", PARTS, 1000, 999, Ok(()));
        check("job", PARTS, 1000, 1000, Err(LinkRefused::Expired));
    }

    #[test]
    fn link_for_anything_else_is_forged() {
        check("proof", PARTS, 1000, 0, Err(LinkRefused::Forged));
        check("job", &[b"ab", b"d"], 1000, 0, Err(LinkRefused::Forged));
        check("job", &[], 1000, 0, Err(LinkRefused::Forged));
        check("job", PARTS, 1001, 0, Err(LinkRefused::Forged));
    }

    #[test]
    fn the_same_bytes_cut_up_differently_are_forged() {
        check("job", &[b"a", b"bc"], 1000, 0, Err(LinkRefused::Forged));
        check("job", &[b"abc"], 1000, 0, Err(LinkRefused::Forged));
        check("job", &[b"ab", b"c", b""], 1000, 0, Err(LinkRefused::Forged));
        check("joba", &[b"b", b"c"], 1000, 0, Err(LinkRefused::Forged));
    }

    #[test]
    fn expired_forgery_is_told_to_be_forged_and_nothing_more() {
        check("proof", PARTS, 1000, 2000, Err(LinkRefused::Forged));
    }

    #[test]
    fn another_key_signs_differently() {
        let signature = SigningKey::from_bytes([8; 32]).sign("job", PARTS, at(1000));
        assert_eq!(key().verify("job", PARTS, at(1000), at(0), signature.as_str()), Err(LinkRefused::Forged));
    }

    #[test]
    fn every_changed_or_missing_character_of_the_signature_is_noticed() {
        let signature = key().sign("job", PARTS, at(1000));
        assert_eq!(signature.as_str().len(), 43);
        for position in 0..43 {
            let mut text = signature.as_str().to_owned();
            text.replace_range(position..=position, if text.as_bytes()[position] == b'A' { "B" } else { "A" });
            assert_eq!(key().verify("job", PARTS, at(1000), at(0), &text), Err(LinkRefused::Forged));
            let shorter = &signature.as_str()[..position];
            assert_eq!(key().verify("job", PARTS, at(1000), at(0), shorter), Err(LinkRefused::Forged));
        }
    }

    #[test]
    fn fractions_of_a_second_do_not_count() {
        let precise = Timestamp::new(1000, 999_999_999).unwrap();
        let signature = key().sign("job", PARTS, precise);
        assert_eq!(key().verify("job", PARTS, at(1000), at(999), signature.as_str()), Ok(()));
        assert_eq!(key().verify("job", PARTS, precise, at(1000), signature.as_str()), Err(LinkRefused::Expired));
    }

    #[test]
    fn debug_shows_neither_key_nor_signature() {
        let shown = format!("{:?} {:?}", key(), key().sign("job", PARTS, at(1000)));
        assert!(!shown.contains('7') && shown.contains("Signature(..)"), "{shown}");
    }
}
