//! Passwords that people choose: argon2id, kept as PHC strings.
//!
//! One call takes about 20 ms and 19 MiB by design: run it where blocking is allowed, and limit attempts first.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{CustomizedPasswordHasher, Error, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};

use crate::entropy::{self, Entropy};

/// Memory in KiB, passes and lanes.
///
/// Source: OWASP Password Storage Cheat Sheet, argon2id, "m=19456 (19 MiB), t=2, p=1".
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Whether a password is the one that was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Right {
        /// It was hashed with other parameters than [`hash`] uses now: hash it again and store that while it is known.
        needs_rehash: bool,
    },
    /// It is not.
    Wrong,
}

/// Why a password could be neither hashed nor checked. Never holds the password or the hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// What is stored is no PHC string of an argon2 hash.
    #[error("stored password hash is malformed")]
    MalformedHash(#[source] Error),
    /// The algorithm refused its input; only a password of 4 GiB does that.
    #[error("password cannot be hashed")]
    Unhashable(#[source] Error),
}

/// The PHC string to store for `password`, with a salt of 16 random bytes.
///
/// # Errors
/// [`PasswordError::Unhashable`].
pub fn hash(password: &SecretString, entropy: &dyn Entropy) -> Result<String, PasswordError> {
    let salt = entropy::draw::<16>(entropy);
    let params = current_params().map_err(PasswordError::Unhashable)?;
    let hash: PasswordHash = Argon2::default()
        .hash_password_customized(
            password.expose_secret().as_bytes(),
            &salt,
            Some(Algorithm::Argon2id.as_str()),
            Some(Version::V0x13.into()),
            params,
        )
        .map_err(PasswordError::Unhashable)?;
    Ok(hash.to_string())
}

/// Compares `password` with a stored PHC string, by the parameters written in it.
///
/// # Errors
/// [`PasswordError::MalformedHash`] when `stored` is no argon2 hash: a fault of the store, not of the person.
pub fn verify(password: &SecretString, stored: &str) -> Result<Verdict, PasswordError> {
    let stored = PasswordHash::new(stored).map_err(|error| PasswordError::MalformedHash(error.into()))?;
    if stored.salt.is_none() || stored.hash.is_none() {
        // The algorithm would call this a wrong password.
        return Err(PasswordError::MalformedHash(Error::EncodingInvalid));
    }
    match Argon2::default().verify_password(password.expose_secret().as_bytes(), &stored) {
        Ok(()) => Ok(Verdict::Right { needs_rehash: !is_current(&stored) }),
        Err(Error::PasswordInvalid) => Ok(Verdict::Wrong),
        Err(error) => Err(PasswordError::MalformedHash(error)),
    }
}

fn is_current(stored: &PasswordHash) -> bool {
    stored.algorithm == Algorithm::Argon2id.ident()
        && stored.version == Some(Version::V0x13.into())
        && Params::try_from(stored)
            .is_ok_and(|params| (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES))
}

fn current_params() -> Result<Params, Error> {
    Ok(Params::new(MEMORY_KIB, PASSES, LANES, None)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::CountingEntropy;

    fn password(text: &str) -> SecretString {
        text.into()
    }

    #[test]
    fn the_right_password_is_told_from_a_wrong_one() -> Result<(), PasswordError> {
        let stored = hash(&password("korvatunturi"), &CountingEntropy::default())?;
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_eq!(verify(&password("korvatunturi"), &stored)?, Verdict::Right { needs_rehash: false });
        assert_eq!(verify(&password("Korvatunturi"), &stored)?, Verdict::Wrong);
        Ok(())
    }

    #[test]
    fn the_same_password_never_gives_the_same_hash() -> Result<(), PasswordError> {
        let entropy = CountingEntropy::default();
        assert_ne!(hash(&password("a"), &entropy)?, hash(&password("a"), &entropy)?);
        Ok(())
    }

    #[test]
    fn a_hash_with_other_parameters_still_verifies_and_asks_to_be_renewed() -> Result<(), PasswordError> {
        // Made by the reference implementation: `argon2 somesalt -id -t 2 -k 256 -p 1` (argon2 test vectors).
        let stored = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assert_eq!(verify(&password("password"), stored)?, Verdict::Right { needs_rehash: true });
        assert_eq!(verify(&password("passwort"), stored)?, Verdict::Wrong);
        Ok(())
    }

    #[test]
    fn what_is_no_argon2_hash_is_a_fault_of_the_store() {
        for stored in [
            "",
            "plain",
            "$argon2id$v=19$m=1",
            "$2b$12$abcdefghijklmnopqrstuv",
            "$scrypt$ln=1$YWJjZGVmZ2g$YWJjZGVmZ2hpag",
        ] {
            assert!(matches!(verify(&password("a"), stored), Err(PasswordError::MalformedHash(_))), "{stored}");
        }
    }
}
