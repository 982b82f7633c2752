//! Patterns of texts, as JSON Schema has them (ECMA-262 regular expressions).

/// Unicode's `White_Space`, in the brackets of a pattern.
macro_rules! white_space {
    () => {
        "\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
    };
}

/// Text without U+0000, which databases cannot hold.
pub const TEXT: &str = "^[^\\u0000]*$";
/// The same, and not only white space.
pub const VISIBLE_TEXT: &str = concat!("^[^\\u0000]*[^\\u0000", white_space!(), "][^\\u0000]*$");
/// Anything but white space only.
pub const NOT_BLANK: &str = concat!("[^", white_space!(), "]");
