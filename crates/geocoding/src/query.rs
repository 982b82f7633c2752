/// What is looked for. Equal queries have equal answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    text: String,
}

impl Query {
    /// An address as people write it, on one line or several.
    ///
    /// White space at the ends is dropped and every run of it inside becomes one space; nothing else changes.
    #[must_use]
    pub fn text(address: &str) -> Self {
        Self { text: address.split_whitespace().collect::<Vec<_>>().join(" ") }
    }

    /// The address on one line.
    #[must_use]
    pub fn as_text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_that_differ_by_white_space_alone_are_equal() {
        assert_eq!(
            Query::text(" Aleksanterinkatu 1\n00170\u{a0} Helsinki "),
            Query::text("Aleksanterinkatu 1 00170 Helsinki")
        );
        assert_ne!(Query::text("Aleksanterinkatu 1"), Query::text("Aleksanterinkatu 11"));
    }
}
