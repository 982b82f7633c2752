//! The two `Authorization` schemes that are spoken here.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode;
use secrecy::SecretString;

/// Some clients leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The token in `Bearer <token>` (RFC 6750 §2.1); the scheme in any case.
///
/// `None` for another scheme, and for anything but one word after it. The token is not checked further.
#[must_use]
pub fn parse_bearer(header: &str) -> Option<&str> {
    one_word_after("bearer", header)
}

/// Client id and secret in `Basic <base64>` (RFC 7617); the scheme in any case.
///
/// Both are form-decoded after the split at the first colon, as RFC 6749 §2.3.1 wants. What RouteMate issues reads the
/// same with and without that. `None` for another scheme and for what is not well-formed; neither part is checked
/// further.
#[must_use]
pub fn parse_basic(header: &str) -> Option<(String, SecretString)> {
    let decoded = BASE64.decode(one_word_after("basic", header)?).ok()?;
    let colon = decoded.iter().position(|&byte| byte == b':')?;
    let (id, secret) = decoded.split_at_checked(colon)?;
    Some((form_decoded(id)?, form_decoded(secret.get(1..)?)?.into()))
}

fn one_word_after<'h>(scheme: &str, header: &'h str) -> Option<&'h str> {
    let (name, rest) = header.trim().split_once([' ', '\t'])?;
    let word = rest.trim_start();
    (name.eq_ignore_ascii_case(scheme) && !word.is_empty() && !word.contains(char::is_whitespace)).then_some(word)
}

fn form_decoded(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    Some(percent_decode(&spaced).decode_utf8().ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn basic(credentials: &[u8]) -> Option<(String, String)> {
        let (id, secret) = parse_basic(&format!("Basic {}", BASE64.encode(credentials)))?;
        Some((id, secret.expose_secret().to_owned()))
    }

    fn pair(id: &str, secret: &str) -> Option<(String, String)> {
        Some((id.to_owned(), secret.to_owned()))
    }

    #[test]
    fn bearer_token_is_found_whatever_the_case_of_the_scheme() {
        for header in ["Bearer rm_at_1", "bearer rm_at_1", "BEARER rm_at_1", " Bearer   rm_at_1 "] {
            assert_eq!(parse_bearer(header), Some("rm_at_1"), "{header}");
        }
    }

    #[test]
    fn header_that_is_not_bearer_and_one_word_gives_no_token() {
        for header in ["", "Bearer", "Bearer ", "Basic cm1fYXRfMQ==", "Bearer a b", "Bearerrm_at_1", "rm_at_1"] {
            assert_eq!(parse_bearer(header), None, "{header}");
        }
    }

    #[test]
    fn basic_credentials_are_split_at_the_first_colon() {
        assert_eq!(basic(b"id:secret"), pair("id", "secret"));
        assert_eq!(basic(b"id:se:cret"), pair("id", "se:cret"));
        assert_eq!(basic(b":"), pair("", ""));
        assert_eq!(basic(b"id"), None);
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        assert_eq!(basic(b"a%3Ab:c+d%2Be%C3%A9"), pair("a:b", "c d+eé"));
        // Not an encoding: taken as it stands rather than refused, for clients that encode nothing.
        assert_eq!(basic(b"a:50%"), pair("a", "50%"));
    }

    #[test]
    fn basic_credentials_that_are_no_text_are_refused() {
        assert_eq!(basic(b"a:%FF"), None);
        assert_eq!(basic(b"\xFF:a"), None);
        assert!(parse_basic("Basic !!!").is_none());
        assert!(parse_basic("Bearer aWQ6c2VjcmV0").is_none());
    }

    #[test]
    fn padding_may_be_left_out() {
        assert!(parse_basic("basic YTpi").is_some());
        assert!(parse_basic("basic YTpiYw==").is_some());
        assert!(parse_basic("basic YTpiYw").is_some());
    }
}
