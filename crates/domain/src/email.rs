use std::fmt;

/// An e-mail address in lower case: the key by which people are found, so that case never makes two of one person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// Checks and normalises an address: white space around it is dropped, letters are lowered.
    ///
    /// # Errors
    /// [`MalformedEmail`] where it is no address of RFC 5321's `Mailbox` form, has a display name, or is longer than the
    /// 254 octets that fit into a forward path (RFC 5321, erratum 1690).
    ///
    /// ```
    /// use routemate_domain::Email;
    /// assert_eq!(Email::parse(" Driver@Example.com ")?.as_str(), "driver@example.com");
    /// assert!(Email::parse("driver@").is_err());
    /// # Ok::<(), routemate_domain::MalformedEmail>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, MalformedEmail> {
        // Lowered first: some letters grow by it, or become letters that an address cannot have.
        let text = text.trim().to_lowercase();
        let options = email_address::Options::default().without_display_text().without_domain_literal();
        let is_plausible = text.len() <= 254
            && !text.contains(['\0', '\r', '\n'])
            && email_address::EmailAddress::parse_with_options(&text, options).is_ok();
        if is_plausible { Ok(Self(text)) } else { Err(MalformedEmail) }
    }

    /// The normalised address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Hides the local part: logs carry no personal data.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = self.0.rsplit('@').next().unwrap_or_default();
        write!(f, "Email(…@{domain})")
    }
}

/// The text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a valid email address")]
pub struct MalformedEmail;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "driver", "driver@", "@example.com", "a b@example.com", "Ann <ann@example.com>", "a@b\0.com"] {
            assert_eq!(Email::parse(text), Err(MalformedEmail), "{text:?}");
        }
        assert!(Email::parse(&format!("{}@example.com", "a".repeat(250))).is_err());
    }

    #[test]
    fn tags_and_other_scripts_are_addresses() {
        for text in ["a.b+c@example.co.uk", "müller@bücher.example", "用户@例子.example"] {
            assert!(Email::parse(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn what_was_accepted_is_accepted_again_as_it_is_stored() {
        for text in ["\u{130}@example.com", "\u{130}\u{130}@example.com", "\u{212a}elvin@example.com", "ẞ@example.com"]
        {
            if let Ok(email) = Email::parse(text) {
                assert_eq!(Email::parse(email.as_str()), Ok(email), "{text:?}");
            }
        }
    }

    #[test]
    fn debug_output_names_nobody() {
        let email = Email::parse("ann@example.com").expect("an address");
        assert_eq!(format!("{email:?}"), "Email(…@example.com)");
    }
}
