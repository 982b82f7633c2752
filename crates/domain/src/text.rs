use std::fmt;

/// Text that is not blank, holds no U+0000 and is at most `MAX` characters (Unicode scalar values) long.
///
/// Kept as given: neither trimmed nor normalised, because it is echoed to whoever sent it. U+0000 is refused because
/// PostgreSQL's `text` cannot hold it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MAX: usize>(String);

/// An identifier of somebody else's system, at most 255 characters.
pub type ExternalId = Text<255>;

/// Words for people, at most 4 000 characters.
pub type FreeText = Text<4000>;

impl<const MAX: usize> Text<MAX> {
    /// The longest this text may be, in characters.
    pub const MAX_CHARS: usize = MAX;

    /// Checks a text.
    ///
    /// # Errors
    /// The first [`TextFault`] found.
    pub fn parse(text: impl Into<String>) -> Result<Self, TextFault> {
        let text = text.into();
        if text.trim().is_empty() {
            return Err(TextFault::Blank);
        }
        if text.contains('\0') {
            return Err(TextFault::Nul);
        }
        // Bytes bound characters from above, so that most texts are not counted.
        if text.len() > MAX && text.chars().count() > MAX {
            return Err(TextFault::TooLong { max_chars: MAX });
        }
        Ok(Self(text))
    }

    /// The text as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the text away.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text was refused. The message completes a sentence that begins with the field's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Empty or white space only.
    #[error("is required")]
    Blank,
    /// Longer than allowed.
    #[error("must be at most {max_chars} characters")]
    TooLong {
        /// The limit in characters.
        max_chars: usize,
    },
    /// Holds U+0000.
    #[error("must not contain the character U+0000")]
    Nul,
}

/// A JSON value as text, opaque here: the edges that speak JSON make it and read it.
#[derive(Clone, PartialEq, Eq)]
pub struct JsonText(String);

impl JsonText {
    /// Takes text that a JSON serializer has written.
    #[must_use]
    pub const fn from_serialized(text: String) -> Self {
        Self(text)
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The empty object.
impl Default for JsonText {
    fn default() -> Self {
        Self("{}".to_owned())
    }
}

/// Shows the length only: customers put personal data there.
impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonText({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters_not_bytes() {
        assert!(Text::<3>::parse("äöü").is_ok());
        assert_eq!(Text::<3>::parse("äöüß"), Err(TextFault::TooLong { max_chars: 3 }));
    }

    #[test]
    fn blank_and_nul_are_refused_and_other_control_characters_kept() {
        assert_eq!(FreeText::parse(" \t\n"), Err(TextFault::Blank));
        assert_eq!(FreeText::parse("a\0b"), Err(TextFault::Nul));
        assert_eq!(FreeText::parse("a\u{7}\n b ").map(FreeText::into_string), Ok("a\u{7}\n b ".to_owned()));
    }
}
