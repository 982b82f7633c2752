/// The query of a request, where keys may repeat.
///
/// Percent signs and plus signs are decoded; bytes that are no UTF-8 become U+FFFD, which matches nothing that is stored
/// by that spelling alone, rather than an error: a query never fails to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads what stands behind the question mark.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// Reads a form body, which is written the same way.
    #[must_use]
    pub fn parse_form(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The first value of a key.
    #[must_use]
    pub fn first(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Every value of a key, in order.
    pub fn all<'q>(&'q self, key: &'q str) -> impl Iterator<Item = &'q str> {
        self.0.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_repeat_and_escapes_are_read() {
        let query = Query::parse("status=A&status=B&id=a%2Bb+c&empty&x=%FF");
        assert_eq!(query.all("status").collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(query.first("id"), Some("a+b c"));
        assert_eq!(query.first("empty"), Some(""));
        assert_eq!(query.first("x"), Some("\u{fffd}"));
        assert_eq!(query.first("absent"), None);
    }
}
