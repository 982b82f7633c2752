//! Any bytes as what callers show; shared with the fuzz target in `crates/api-routemate/fuzz`.

use routemate_auth::{AccessToken, ClientId, ClientSecret, parse_basic, parse_bearer};

/// Nothing that could not have been issued is taken for a token, a client id or a secret, and headers are read or not.
pub(crate) fn judge_token(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(token) = parse_bearer(&text) {
        assert!(!token.is_empty() && !token.contains(char::is_whitespace) && text.contains(token));
    }
    if let Some((id, _)) = parse_basic(&text) {
        assert!(text.len() > id.len());
    }
    if let Ok(token) = AccessToken::parse(&text) {
        assert!(is_issued(&text, "rm_at_") && text.len() == 46);
        assert_eq!(token.reveal(), text);
        assert!(!format!("{token:?}").contains(&text["rm_at_".len()..]), "a token is shown");
    }
    if let Ok(id) = ClientId::parse(&text) {
        assert!(is_issued(&text, "rm_ci_"));
        assert_eq!(id.as_str(), text);
    }
    if let Ok(secret) = ClientSecret::parse(&text) {
        assert!(is_issued(&text, "rm_cs_"));
        assert!(!format!("{secret:?}").contains(&text["rm_cs_".len()..]), "a secret is shown");
    }
}

fn is_issued(text: &str, prefix: &str) -> bool {
    let digits = text.strip_prefix(prefix).unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
