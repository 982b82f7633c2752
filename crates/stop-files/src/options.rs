//! What a sender says of a file, in words: the same from a query as from a command line.

use crate::columns::{ColumnChoice, UnknownColumns};
use crate::dates::DateOrder;
use crate::delimiter::Delimiter;
use crate::encoding::TextEncoding;
use crate::read::{Header, ReadOptions};

/// What a sender says of a file, not yet understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// A delimiter or its name.
    pub delimiter: Option<String>,
    /// An encoding's name.
    pub encoding: Option<String>,
    /// `first_row` or `absent`.
    pub header: Option<String>,
    /// Columns and what they hold.
    pub map: Vec<String>,
    /// `left_out` or `attributes`.
    pub unknown_columns: Option<String>,
    /// `day_first` or `month_first`.
    pub date_order: Option<String>,
}

/// What was said and cannot be understood: which of it, and why.
pub type Misunderstood = (&'static str, String);

impl Header {
    /// Every kind with its name.
    pub const NAMES: [(&'static str, Self); 2] = [("first_row", Self::FirstRow), ("absent", Self::Absent)];
}

impl UnknownColumns {
    /// Every way with its name.
    pub const NAMES: [(&'static str, Self); 2] = [("left_out", Self::LeftOut), ("attributes", Self::Attributes)];
}

impl Said {
    /// What it means.
    ///
    /// # Errors
    /// All that cannot be understood, each a sentence that begins with the name of what was said.
    pub fn understood(&self) -> Result<ReadOptions, Vec<Misunderstood>> {
        let mut wrong = Vec::new();
        let delimiter = read(&self.delimiter, Delimiter::named, "delimiter", &mut wrong, || {
            "must be comma, semicolon, tab or bar, or such a character".to_owned()
        });
        let encoding = read(&self.encoding, TextEncoding::named, "encoding", &mut wrong, || {
            "must be an encoding of the WHATWG Encoding Standard, such as utf-8, utf-16le, windows-1252, iso-8859-2 or macintosh"
                .to_owned()
        });
        let header =
            read(&self.header, |name| of(&Header::NAMES, name), "header", &mut wrong, || one_of(&Header::NAMES));
        let unknown_columns = read(
            &self.unknown_columns,
            |name| of(&UnknownColumns::NAMES, name),
            "unknown_columns",
            &mut wrong,
            || one_of(&UnknownColumns::NAMES),
        );
        let date_order = read(&self.date_order, DateOrder::named, "date_order", &mut wrong, || {
            "must be one of day_first, month_first".to_owned()
        });
        let mut columns = Vec::with_capacity(self.map.len());
        for (place, choice) in self.map.iter().enumerate() {
            match ColumnChoice::parse(choice) {
                Ok(choice) => columns.push(choice),
                // By its place: what a caller sent is no text of ours.
                Err(fault) => wrong.push(("map", format!("number {} {fault}", place + 1))),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(ReadOptions {
            delimiter,
            encoding,
            header: header.unwrap_or(Header::FirstRow),
            columns,
            unknown_columns: unknown_columns.unwrap_or_default(),
            date_order,
            ..ReadOptions::default()
        })
    }
}

fn read<T>(
    said: &Option<String>,
    read: impl FnOnce(&str) -> Option<T>,
    name: &'static str,
    wrong: &mut Vec<Misunderstood>,
    expected: impl FnOnce() -> String,
) -> Option<T> {
    // A tab alone is a delimiter; nothing at all is nothing said.
    let text = said.as_deref().filter(|text| !text.is_empty())?;
    let understood = read(text);
    if understood.is_none() {
        wrong.push((name, expected()));
    }
    understood
}

fn of<T: Copy>(names: &[(&'static str, T)], name: &str) -> Option<T> {
    names.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

fn one_of<T>(names: &[(&'static str, T)]) -> String {
    format!("must be one of {}", names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn words_are_understood() {
        let given = Said {
            delimiter: said(";"),
            encoding: said("LATIN1"),
            header: said("absent"),
            map: vec!["#1=address1".to_owned()],
            unknown_columns: said("attributes"),
            date_order: said("month_first"),
        };
        let options = given.understood().expect("options");
        assert_eq!((options.delimiter, options.header), (Some(Delimiter::Semicolon), Header::Absent));
        assert_eq!(options.encoding.map(TextEncoding::name), Some("windows-1252"));
        assert_eq!(
            (options.unknown_columns, options.date_order),
            (UnknownColumns::Attributes, Some(DateOrder::MonthFirst))
        );
        assert_eq!(Said::default().understood(), Ok(ReadOptions::default()));
        assert_eq!(Said { delimiter: said(""), ..Said::default() }.understood(), Ok(ReadOptions::default()));
    }

    #[test]
    fn all_that_is_not_understood_is_told() {
        let given = Said {
            delimiter: said("::"),
            encoding: said("ebcdic"),
            header: said("yes"),
            map: vec!["x".to_owned(), "a=b".to_owned()],
            unknown_columns: said("keep"),
            date_order: said("iso"),
        };
        let wrong = given.understood().expect_err("refused");
        let names: Vec<_> = wrong.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["delimiter", "encoding", "header", "unknown_columns", "date_order", "map", "map"]);
    }
}
