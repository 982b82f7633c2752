use routemate_units::Seconds;
use secrecy::{ExposeSecret, SecretString};

use crate::digest::SecretDigest;
use crate::entropy::{self, Entropy};
use crate::hex;

/// How long an access token is good for after it was issued.
pub const TOKEN_LIFETIME: Seconds = Seconds::new(3600);

/// What a caller shows with every request: `rm_at_` and exactly 40 lower-case hexadecimal digits (160 random bits).
///
/// Opaque: whose it is and until when is known only to the store, by its [`digest`](Self::digest).
#[derive(Debug, Clone)]
pub struct AccessToken(SecretString);

/// Not `rm_at_` and exactly 40 lower-case hexadecimal digits. Never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("access token is malformed")]
pub struct MalformedToken;

impl AccessToken {
    const PREFIX: &'static str = "rm_at_";
    const DIGITS: usize = 40;

    /// A new token.
    #[must_use]
    pub fn mint(entropy: &dyn Entropy) -> Self {
        let mut text = String::with_capacity(Self::PREFIX.len() + Self::DIGITS);
        text.push_str(Self::PREFIX);
        hex::push(&mut text, &entropy::draw::<20>(entropy));
        Self(text.into())
    }

    /// The token written as `text`.
    ///
    /// # Errors
    /// [`MalformedToken`] for everything that [`mint`](Self::mint) cannot have made.
    pub fn parse(text: &str) -> Result<Self, MalformedToken> {
        match text.strip_prefix(Self::PREFIX) {
            Some(digits) if hex::is_lower(digits, Self::DIGITS) => Ok(Self(text.into())),
            _ => Err(MalformedToken),
        }
    }

    /// What is stored of it, and what it is looked up by.
    #[must_use]
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(self.0.expose_secret())
    }

    /// The token itself, for the one answer that hands it out.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::CountingEntropy;

    const DOCUMENTED: &str = "rm_at_e5988dd1b91a4ff3827c5d2ed416ccbe37ae227a";

    #[test]
    fn documented_sample_is_a_token() {
        assert!(AccessToken::parse(DOCUMENTED).is_ok_and(|token| token.reveal() == DOCUMENTED));
    }

    #[test]
    fn minted_token_is_as_long_as_the_documented_sample_and_parses_back() -> Result<(), MalformedToken> {
        let token = AccessToken::mint(&CountingEntropy::default());
        assert_eq!(token.reveal().len(), DOCUMENTED.len());
        assert!(AccessToken::parse(token.reveal())?.digest().matches(&token.digest()));
        Ok(())
    }

    #[test]
    fn no_other_spelling_of_a_token_is_accepted() {
        let upper = DOCUMENTED.to_uppercase();
        let longer = format!("{DOCUMENTED}0");
        for text in ["", "rm_at_", &DOCUMENTED[..45], &upper, &longer, &DOCUMENTED[6..], "rm_at_your_token"] {
            assert_eq!(AccessToken::parse(text).err(), Some(MalformedToken), "{text}");
        }
    }

    #[test]
    fn debug_shows_nothing_of_a_token() {
        let token = AccessToken::mint(&CountingEntropy::default());
        assert!(!format!("{token:?}").contains(&token.reveal()[7..15]));
    }
}
