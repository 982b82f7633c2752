/// A pattern for LIKE that finds `text` anywhere in what is searched by lower case, with `\` before what would be a
/// wildcard; without a text it finds everything.
pub(super) fn pattern(text: Option<&str>) -> String {
    let mut pattern = String::from("%");
    for letter in text.unwrap_or_default().to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    if pattern.len() > 1 {
        pattern.push('%');
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_themselves() {
        assert_eq!(pattern(None), "%");
        assert_eq!(pattern(Some("")), "%");
        assert_eq!(pattern(Some("Äa_1%\\")), "%äa\\_1\\%\\\\%");
    }
}
