use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Checks who has sent a body: HMAC-SHA256 with a secret that sender and receiver share, in base64.
///
/// Made from the secret and kept in its place. It is what HMAC makes of its key before it sees a message: SHA-256 after
/// one block of the key with each of the two pads (RFC 2104, section 4). Who reads it can sign bodies; the secret itself,
/// which opens more doors at whoever has issued it, is nowhere in it.
///
/// ```
/// use routemate_auth::WebhookKey;
///
/// let key = WebhookKey::new(&"hush".into());
/// let signature = key.sign(br#"{"id":1}"#);
/// assert!(key.is_signature(br#"{"id":1}"#, &signature));
/// assert!(!key.is_signature(br#"{"id":2}"#, &signature));
/// assert!(WebhookKey::from_bytes(key.as_bytes()).is_some_and(|kept| kept.is_signature(br#"{"id":1}"#, &signature)));
/// ```
pub struct WebhookKey(SecretBox<[u8; 2 * STATE]>);

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;
/// Bytes that `sha2` writes of a hasher: the state, the blocks counted, and a buffer, which is empty here.
const STATE: usize = size_of::<SerializedState<Sha256>>();

impl WebhookKey {
    /// The key that a secret makes.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let mut key = [0; BLOCK];
        let secret = secret.expose_secret().as_bytes();
        if secret.len() > BLOCK {
            let (start, _) = key.split_at_mut(32);
            start.copy_from_slice(&Sha256::digest(secret));
        } else {
            let (start, _) = key.split_at_mut(secret.len());
            start.copy_from_slice(secret);
        }
        let mut bytes = [0; 2 * STATE];
        for (half, pad) in bytes.chunks_exact_mut(STATE).zip([0x36, 0x5c]) {
            let state = Sha256::new_with_prefix(key.map(|byte| byte ^ pad)).serialize();
            half.copy_from_slice(&state);
        }
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// A key read back from where it is kept; `None` for what no key has written.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let key = Self(SecretBox::new(Box::new(bytes.try_into().ok()?)));
        key.hashers().map(|_| key)
    }

    /// The bytes to keep, as secret as the secret is.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// Whether `signature` is the one of this body. Takes the same time wherever it differs.
    #[must_use]
    pub fn is_signature(&self, body: &[u8], signature: &str) -> bool {
        let told = STANDARD.decode(signature.trim()).unwrap_or_default();
        self.tag(body).is_some_and(|tag| tag.ct_eq(&told).into())
    }

    /// The signature of a body.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> String {
        self.tag(body).map(|tag| STANDARD.encode(tag)).unwrap_or_default()
    }

    fn tag(&self, body: &[u8]) -> Option<[u8; 32]> {
        let (inner, outer) = self.hashers()?;
        Some(outer.chain_update(inner.chain_update(body).finalize()).finalize().into())
    }

    fn hashers(&self) -> Option<(Sha256, Sha256)> {
        let (inner, outer) = self.0.expose_secret().split_at(STATE);
        let hasher = |state: &[u8]| Sha256::deserialize(state.try_into().ok()?).ok();
        Some((hasher(inner)?, hasher(outer)?))
    }
}

impl fmt::Debug for WebhookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};

    use super::*;

    fn key(secret: &str) -> WebhookKey {
        WebhookKey::new(&secret.into())
    }

    /// The same by the crate for it.
    fn reference(secret: &str, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body);
        STANDARD.encode(mac.finalize().into_bytes())
    }

    #[test]
    fn signatures_are_those_of_hmac_for_secrets_and_bodies_of_every_length() {
        for length in [0, 1, 31, 32, 63, 64, 65, 127, 128, 200] {
            let secret = "sœcret".chars().cycle().take(length).collect::<String>();
            for size in [0, 1, 55, 56, 63, 64, 65, 1000] {
                let body = vec![0xa5; size];
                assert_eq!(key(&secret).sign(&body), reference(&secret, &body), "{length} {size}");
            }
        }
    }

    #[test]
    fn a_known_answer_comes_out() {
        // RFC 4231, test case 2.
        let tag = key("Jefe").tag(b"what do ya want for nothing?").unwrap();
        assert_eq!(tag[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        assert_eq!(tag[28..], [0x64, 0xec, 0x38, 0x43]);
    }

    /// Keys are kept for years: another release of `sha2` that wrote them otherwise would lock every shop out.
    #[test]
    fn a_key_that_was_kept_by_an_earlier_release_is_read() {
        // The states after one block each, the blocks counted, and nothing in the buffer.
        let half = |state: [u8; 32]| [&state[..], &1_u64.to_le_bytes(), &[0; 64]].concat();
        let inner = [
            250, 167, 93, 101, 55, 75, 67, 204, 203, 213, 28, 90, 14, 238, 146, 6, 211, 35, 122, 164, 73, 244, 58, 76,
            226, 26, 162, 219, 12, 80, 199, 120,
        ];
        let outer = [
            213, 227, 175, 14, 108, 46, 65, 19, 235, 47, 106, 106, 204, 90, 55, 45, 71, 253, 164, 81, 232, 149, 176,
            109, 138, 161, 191, 35, 213, 65, 241, 82,
        ];
        let kept = [half(inner), half(outer)].concat();
        assert_eq!(key("Jefe").as_bytes(), kept);
        let read = WebhookKey::from_bytes(&kept).unwrap();
        assert!(read.is_signature(b"body", &reference("Jefe", b"body")));
    }

    #[test]
    fn what_no_key_has_written_is_none() {
        let good = key("hush");
        for bytes in [&[][..], &good.as_bytes()[1..], &[0xff; 2 * STATE], &[0; 32]] {
            assert!(WebhookKey::from_bytes(bytes).is_none(), "{}", bytes.len());
        }
    }

    #[test]
    fn every_changed_or_missing_character_is_noticed() {
        let signature = key("hush").sign(b"{}");
        assert_eq!(signature.len(), 44);
        assert!(
            key("hush").is_signature(b"{}", &signature) && key("hush").is_signature(b"{}", &format!(" {signature} "))
        );
        for position in 0..43 {
            let mut text = signature.clone();
            text.replace_range(position..=position, if text.as_bytes()[position] == b'A' { "B" } else { "A" });
            assert!(!key("hush").is_signature(b"{}", &text), "{text}");
            assert!(!key("hush").is_signature(b"{}", &signature[..position]), "{position}");
        }
        for text in ["", "=", "\u{1f510}", &format!("{signature}{signature}"), &signature.to_lowercase()] {
            assert!(!key("hush").is_signature(b"{}", text), "{text}");
        }
        assert!(!key("hush ").is_signature(b"{}", &signature) && !key("hush").is_signature(b"{} ", &signature));
    }

    #[test]
    fn neither_debug_nor_what_is_kept_shows_the_secret() {
        let secret = "shpss_0123456789abcdef0123456789abcdef";
        let key = key(secret);
        assert_eq!(format!("{key:?}"), "WebhookKey(..)");
        assert!(
            !key.as_bytes()
                .array_windows()
                .any(|four: &[u8; 4]| secret.as_bytes().array_windows().any(|part| part == four))
        );
    }
}
