use std::fmt;

/// The most faults that are kept; the rest are counted.
pub const MOST_FAULTS: usize = 1_000;

/// The longest value that is repeated in a fault, in characters.
const LONGEST_VALUE: usize = 100;

/// One thing that is wrong with a file: where, what was found, and what is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line in the file, from 1, as editors count: line breaks within quotes count. `None` for the file as a whole.
    pub line: Option<u64>,
    /// The column's name as the header has it, or `#3` for the third.
    pub column: Option<String>,
    /// What the cell holds, cut to 100 characters.
    pub value: Option<String>,
    /// What is wrong and what is accepted; continues a sentence that begins with place and value.
    pub message: String,
}

impl Fault {
    /// Something wrong with the file as a whole.
    pub(crate) fn of_file(message: impl fmt::Display) -> Self {
        Self { line: None, column: None, value: None, message: message.to_string() }
    }

    /// Something wrong with a line.
    pub(crate) fn of_line(line: u64, message: impl fmt::Display) -> Self {
        Self { line: Some(line), ..Self::of_file(message) }
    }

    /// Something wrong with a cell.
    pub(crate) fn of_cell(line: u64, column: impl Into<String>, value: &str, message: impl fmt::Display) -> Self {
        Self { column: Some(column.into()), value: Some(shown(value)), ..Self::of_line(line, message) }
    }

    /// Where it is: `line 7, column "Latitude"`.
    #[must_use]
    pub fn place(&self) -> String {
        match (self.line, &self.column) {
            (Some(line), Some(column)) => format!("line {line}, column \"{column}\""),
            (Some(line), None) => format!("line {line}"),
            (None, Some(column)) => format!("column \"{column}\""),
            (None, None) => "the file".to_owned(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place())?;
        match &self.value {
            Some(value) => write!(f, ": `{value}` {}", self.message),
            None => write!(f, " {}", self.message),
        }
    }
}

/// A value as it is repeated to whoever sent it: not at any length.
pub(crate) fn shown(value: &str) -> String {
    match value.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

/// What is wrong with a file: the first thousand faults, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    listed: Vec<Fault>,
    count: u64,
}

impl Faults {
    /// The first ones, in the order of the file.
    #[must_use]
    pub fn listed(&self) -> &[Fault] {
        &self.listed
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        self.count += 1;
        if self.listed.len() < MOST_FAULTS {
            self.listed.push(fault);
        }
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self { listed: vec![fault], count: 1 }
    }
}
