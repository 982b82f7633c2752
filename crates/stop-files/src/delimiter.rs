//! What stands between the cells of a file.

use csv::{ReaderBuilder, StringRecord};

use crate::columns::known_names;

/// What stands between cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`, as spreadsheets write where the comma is in numbers.
    Semicolon,
    /// A tab.
    Tab,
    /// `|`
    Bar,
}

impl Delimiter {
    /// Every delimiter.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Bar];

    /// The delimiter of this name, or the one that is this text.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|delimiter| {
            name.eq_ignore_ascii_case(delimiter.name()) || name.as_bytes() == [delimiter.byte()]
                // As it is typed where a tab cannot be.
                || (*delimiter == Self::Tab && name == "\\t")
        })
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Bar => "bar",
        }
    }

    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }
}

/// As much of a file as is looked at.
const SAMPLE_BYTES: usize = 64 * 1024;
const SAMPLE_ROWS: usize = 100;

/// The delimiter that a first line `sep=;` names, as spreadsheets write and read it, and the text behind that line.
pub(crate) fn named_by_file(text: &str) -> Option<(Delimiter, usize)> {
    let rest = text.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and_then(|_| text.get(4..))?;
    let delimiter = Delimiter::ALL.into_iter().find(|delimiter| rest.as_bytes().first() == Some(&delimiter.byte()))?;
    let behind = rest.get(1..)?;
    let line = ["\r\n", "\n", "\r"].into_iter().find(|end| behind.starts_with(end))?;
    Some((delimiter, 5 + line.len()))
}

/// The delimiter that gives the first row the most names that are known, and the rows the most even lengths.
pub(crate) fn guess(text: &str) -> Delimiter {
    let sample = text.get(..text.floor_char_boundary(SAMPLE_BYTES)).unwrap_or(text);
    let lacks_end = sample.len() < text.len();
    let scored = Delimiter::ALL.map(|delimiter| (score(sample, delimiter, lacks_end), delimiter));
    // The first of those that are as good.
    let best = scored.into_iter().reduce(|best, other| if other.0 > best.0 { other } else { best });
    best.map_or(Delimiter::Comma, |(_, delimiter)| delimiter)
}

/// Known names, rows as long as the first in a hundred, columns.
type Score = (usize, usize, usize);

fn score(sample: &str, delimiter: Delimiter, lacks_end: bool) -> Score {
    let mut reader = reader(sample, delimiter);
    let mut rows: Vec<StringRecord> = Vec::new();
    for row in reader.records().take(SAMPLE_ROWS + 1) {
        rows.extend(row.ok());
    }
    if lacks_end && rows.len() <= SAMPLE_ROWS {
        // Its end is missing.
        rows.pop();
    }
    let Some((first, rest)) = rows.split_first() else { return (0, 0, 0) };
    // A name that holds another delimiter is several that were not cut: `a;b` is not the German "ab".
    let is_cut = |name: &&str| !name.contains([',', ';', '\t', '|']);
    let names: Vec<String> = first.iter().filter(is_cut).map(str::to_owned).collect();
    // Rows may end before the last columns, and spreadsheets leave empty cells behind them.
    let filled = |row: &StringRecord| {
        row.iter().zip(1..).filter(|(cell, _)| !cell.trim().is_empty()).map(|(_, number)| number).last().unwrap_or(0)
    };
    let width = filled(first);
    let even = rest.iter().filter(|row| filled(row) <= width && (row.len() > 1 || width == 1)).count();
    let evenness = (even * 100).checked_div(rest.len()).unwrap_or(100);
    (known_names(&names), evenness, width)
}

/// A reader of records of any length; nothing is taken for a header.
pub(crate) fn reader(text: &str, delimiter: Delimiter) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter.byte()).from_reader(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Delimiter) {
        assert_eq!(guess(text), expected, "{text:?}");
    }

    #[test]
    fn delimiters_are_told_from_names_and_lengths() {
        check("address,city\nUnioninkatu 29,Helsinki\n", Delimiter::Comma);
        check("adresse;ville;note\n\"5, rue X\";Paris;a,b,c,d,e\n", Delimiter::Semicolon);
        check("address\tcity\nUnioninkatu 29, A;B\tHelsinki\n", Delimiter::Tab);
        check("address|city\nx|y\n", Delimiter::Bar);
        check("a;b,c\n1;2\n3;4\n", Delimiter::Semicolon);
        check("a,b\n1,2\n", Delimiter::Comma);
        check("", Delimiter::Comma);
        check("address\n\"Unioninkatu 29, Helsinki\"\n", Delimiter::Comma);
        // One column whose cells hold commas that nobody has quoted.
        check("address\nUnioninkatu 29, Helsinki\nAleksanterinkatu 52, Helsinki\n", Delimiter::Semicolon);
        check("address,city\n\"a\nb;c;d\",Helsinki\n", Delimiter::Comma);
    }

    #[test]
    fn a_file_may_name_its_delimiter() {
        assert_eq!(named_by_file("sep=;\r\naddress;city"), Some((Delimiter::Semicolon, 7)));
        assert_eq!(named_by_file("SEP=\t\na"), Some((Delimiter::Tab, 6)));
        for text in ["sep=", "sep=;x\n", "sepia\n", "", "séparé"] {
            assert_eq!(named_by_file(text), None, "{text:?}");
        }
    }

    #[test]
    fn delimiters_have_names() {
        for (name, expected) in [
            (",", Delimiter::Comma),
            ("semicolon", Delimiter::Semicolon),
            ("\t", Delimiter::Tab),
            ("\\t", Delimiter::Tab),
            ("|", Delimiter::Bar),
        ] {
            assert_eq!(Delimiter::named(name), Some(expected), "{name:?}");
        }
        assert_eq!((Delimiter::named(""), Delimiter::named(":")), (None, None));
    }
}
