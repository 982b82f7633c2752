//! Any bytes as a cursor, and as what one holds. The fuzz target (`crates/api-routemate/fuzz`) and the tests below run the
//! same judge, so that it never rots.

use jiff::Timestamp;
use routemate_auth::SigningKey;
use routemate_domain::OrganizationId;
use uuid::Uuid;

use crate::cursors::{open, seal};

const LIST: &str = "List";
const NOW: Timestamp = Timestamp::constant(1_000_000_000, 0);
const EXPIRY: Timestamp = Timestamp::constant(1_000_000_001, 0);

/// Nobody else's text opens as a cursor. What is sealed comes back for its holder, whole, and for nobody and nothing else:
/// not another organisation, another list or a later time, and not with one character changed.
pub fn judge_cursor(bytes: &[u8]) {
    let key = SigningKey::from_bytes([7; 32]);
    let somebody = OrganizationId::from_uuid(Uuid::from_u128(1));
    let mine = (somebody, LIST);
    let text = String::from_utf8_lossy(bytes);
    assert_eq!(open(&key, mine, &text, NOW), None, "a forged cursor");

    let sealed = seal(&key, mine, &text, EXPIRY);
    assert!(
        sealed.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)),
        "{sealed} needs no escapes"
    );
    assert_eq!(open(&key, mine, &sealed, NOW).as_deref(), Some(&*text));
    let others = [
        open(&key, (OrganizationId::from_uuid(Uuid::from_u128(2)), LIST), &sealed, NOW),
        open(&key, (somebody, "Lis"), &sealed, NOW),
        open(&key, mine, &sealed, EXPIRY),
        open(&SigningKey::from_bytes([8; 32]), mine, &sealed, NOW),
        open(&key, mine, &changed(&sealed, bytes), NOW),
    ];
    assert_eq!(others, [const { None }; 5], "{sealed}");
}

/// The cursor with one character changed; which one depends on the bytes.
fn changed(sealed: &str, bytes: &[u8]) -> String {
    let place = bytes.iter().fold(bytes.len(), |sum, &byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    let place = place % sealed.len();
    let swap = |(at, letter)| match (at == place, letter) {
        (true, 'A') => 'B',
        (true, _) => 'A',
        (false, letter) => letter,
    };
    sealed.chars().enumerate().map(swap).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_kept_comes_back_to_its_holder_alone(bytes: Vec<u8>) {
            judge_cursor(&bytes);
        }

        #[test]
        fn what_looks_like_a_cursor_is_none(text in "[A-Za-z0-9_-]{8,40}\\.[A-Za-z0-9_-]{43}") {
            judge_cursor(text.as_bytes());
        }
    }
}
