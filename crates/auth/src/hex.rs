//! Lower-case hexadecimal, the only spelling that credentials come in.

/// Appends two digits per byte.
pub(crate) fn push(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for nibble in [byte >> 4, byte & 0xf] {
            text.extend(char::from_digit(nibble.into(), 16));
        }
    }
}

/// Whether `text` is exactly `digits` lower-case hexadecimal digits.
pub(crate) fn is_lower(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
