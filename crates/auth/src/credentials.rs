use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::digest::SecretDigest;
use crate::entropy::{self, Entropy};
use crate::hex;

/// Names one integration to the token endpoint: `rm_ci_` and 32 lower-case hexadecimal digits (128 random bits).
///
/// Public: it may be logged and shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(String);

/// Not `rm_ci_` and 32 lower-case hexadecimal digits.
///
/// Does not repeat the text: people paste secrets into the wrong field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("client id is malformed")]
pub struct MalformedClientId;

impl ClientId {
    const PREFIX: &'static str = "rm_ci_";
    const DIGITS: usize = 32;

    /// A new id.
    #[must_use]
    pub fn mint(entropy: &dyn Entropy) -> Self {
        let mut text = Self::PREFIX.to_owned();
        hex::push(&mut text, &entropy::draw::<16>(entropy));
        Self(text)
    }

    /// The id written as `text`, which has to be its exact spelling.
    ///
    /// # Errors
    /// [`MalformedClientId`] for everything that [`mint`](Self::mint) cannot have made.
    pub fn parse(text: &str) -> Result<Self, MalformedClientId> {
        match text.strip_prefix(Self::PREFIX) {
            Some(digits) if hex::is_lower(digits, Self::DIGITS) => Ok(Self(text.to_owned())),
            _ => Err(MalformedClientId),
        }
    }

    /// The id as it is sent and stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an integration proves itself with: `rm_cs_`, 64 lower-case hexadecimal digits (256 random bits) and 8 digits of
/// checksum, 78 characters in all.
///
/// The checksum is the first 32 bits of SHA-256 over all characters before it. It lets a mistyped secret be refused
/// before any look-up; a slip gets past it once in 4 billion and is then refused by the digest. It says nothing about
/// the secret that its bearer does not have anyway. SHA-256 rather than CRC-32 only because it is here already.
///
/// Shown once, when made; afterwards only its [`digest`](Self::digest) is kept.
#[derive(Debug, Clone)]
pub struct ClientSecret(SecretString);

/// Why a text cannot be a client secret. Never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedSecret {
    /// Wrong prefix, length or characters.
    #[error("client secret is malformed")]
    Shape,
    /// It looks like a secret, but at least one character is not the one that was issued.
    #[error("client secret is mistyped")]
    Checksum,
}

impl ClientSecret {
    const PREFIX: &'static str = "rm_cs_";
    const BODY_DIGITS: usize = 64;
    const CHECKSUM_DIGITS: usize = 8;
    const CHECKSUM_AT: usize = Self::PREFIX.len() + Self::BODY_DIGITS;
    const LENGTH: usize = Self::CHECKSUM_AT + Self::CHECKSUM_DIGITS;

    /// A new secret.
    #[must_use]
    pub fn mint(entropy: &dyn Entropy) -> Self {
        // Room for all of it from the start: a string that grows leaves copies behind in freed memory.
        let mut text = String::with_capacity(Self::LENGTH);
        text.push_str(Self::PREFIX);
        hex::push(&mut text, &entropy::draw::<32>(entropy));
        let checksum = Self::checksum(&text);
        text.push_str(&checksum);
        Self(text.into())
    }

    /// The secret written as `text`.
    ///
    /// # Errors
    /// [`MalformedSecret::Shape`] when it is no secret at all, [`MalformedSecret::Checksum`] when it is mistyped.
    pub fn parse(text: &str) -> Result<Self, MalformedSecret> {
        let digits = text.strip_prefix(Self::PREFIX).ok_or(MalformedSecret::Shape)?;
        if !hex::is_lower(digits, Self::BODY_DIGITS + Self::CHECKSUM_DIGITS) {
            return Err(MalformedSecret::Shape);
        }
        let (body, checksum) = text.split_at_checked(Self::CHECKSUM_AT).ok_or(MalformedSecret::Shape)?;
        if Self::checksum(body) != checksum {
            return Err(MalformedSecret::Checksum);
        }
        Ok(Self(text.into()))
    }

    /// What is stored of it.
    #[must_use]
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(self.0.expose_secret())
    }

    /// The secret itself, for the one answer that hands it out.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    fn checksum(body: &str) -> String {
        let mut checksum = String::with_capacity(Self::CHECKSUM_DIGITS);
        let digest = Sha256::digest(body.as_bytes());
        hex::push(&mut checksum, digest.get(..Self::CHECKSUM_DIGITS / 2).unwrap_or_default());
        checksum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::CountingEntropy;

    #[test]
    fn minted_client_id_is_the_prefix_and_32_hex_digits_and_parses_back() {
        let id = ClientId::mint(&CountingEntropy::default());
        assert_eq!(id.as_str(), "rm_ci_00a74ef59c43ea9138df862dd47b22c9");
        assert_eq!(ClientId::parse(id.as_str()), Ok(id));
    }

    #[test]
    fn no_other_spelling_of_a_client_id_is_accepted() {
        let id = ClientId::mint(&CountingEntropy::default()).to_string();
        for text in [
            String::new(),
            id.to_uppercase(),
            id.replace("rm_ci_", "rm_cs_"),
            format!(" {id}"),
            format!("{id}0"),
            id[..id.len() - 1].to_owned(),
            id.replace("00a7", "00é"),
        ] {
            assert_eq!(ClientId::parse(&text), Err(MalformedClientId), "{text}");
        }
    }

    #[test]
    fn minted_secret_has_78_characters_and_parses_back_to_the_same_digest() -> Result<(), MalformedSecret> {
        let secret = ClientSecret::mint(&CountingEntropy::default());
        assert_eq!(secret.reveal().len(), 78);
        assert!(ClientSecret::parse(secret.reveal())?.digest().matches(&secret.digest()));
        Ok(())
    }

    #[test]
    fn every_secret_minted_differs_from_the_one_before() {
        let entropy = CountingEntropy::default();
        let (first, second) = (ClientSecret::mint(&entropy), ClientSecret::mint(&entropy));
        assert!(!first.digest().matches(&second.digest()));
    }

    #[test]
    fn secret_with_any_one_digit_mistyped_is_refused_by_its_checksum() {
        let secret = ClientSecret::mint(&CountingEntropy::default());
        for at in "rm_cs_".len()..secret.reveal().len() {
            for digit in "0123456789abcdef".chars() {
                let mut text = secret.reveal().to_owned();
                text.replace_range(at..=at, digit.encode_utf8(&mut [0; 4]));
                if text != secret.reveal() {
                    assert_eq!(ClientSecret::parse(&text).err(), Some(MalformedSecret::Checksum), "digit {at}");
                }
            }
        }
    }

    #[test]
    fn secret_with_two_neighbours_swapped_is_refused() {
        let secret = ClientSecret::mint(&CountingEntropy::default());
        for at in "rm_cs_".len()..secret.reveal().len() - 1 {
            let mut bytes = secret.reveal().as_bytes().to_vec();
            bytes.swap(at, at + 1);
            let text = String::from_utf8_lossy(&bytes);
            assert!(text == secret.reveal() || ClientSecret::parse(&text).is_err(), "digits {at} and {}", at + 1);
        }
    }

    #[test]
    fn text_of_another_shape_is_no_secret() {
        let secret = ClientSecret::mint(&CountingEntropy::default());
        let text = secret.reveal();
        for text in ["", "rm_cs_", &text[..77], &format!("{text}0"), &text.to_uppercase(), &text.replace("cs", "at")] {
            assert_eq!(ClientSecret::parse(text).err(), Some(MalformedSecret::Shape), "{text}");
        }
        let multibyte = format!("rm_cs_{}", "é".repeat(36));
        assert_eq!(ClientSecret::parse(&multibyte).err(), Some(MalformedSecret::Shape));
    }

    #[test]
    fn debug_shows_nothing_of_a_secret() {
        let secret = ClientSecret::mint(&CountingEntropy::default());
        assert!(!format!("{secret:?}{:?}", secret.digest()).contains(&secret.reveal()[6..14]));
    }
}
