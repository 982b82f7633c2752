//! What each column of a file holds: as the sender says, or as its name lets guess.

use std::collections::HashMap;

use crate::fault::{Fault, shown};
use crate::field::{ATTRIBUTE, Field, LEFT_OUT};
use crate::header::{Fit, fields, has_line_items, key};

/// The most columns that a file may have.
pub(crate) const MOST_COLUMNS: usize = 1_000;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A field of a stop.
    Field(Field),
    /// An attribute with this key.
    Attribute(String),
    /// Nothing that is kept.
    LeftOut,
}

/// Who has said what a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Its name.
    Guessed,
    /// The sender.
    Declared,
}

/// A column of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its place in the file, from 1.
    pub number: usize,
    /// Its name as the header has it; empty where there is none.
    pub name: String,
    /// What it holds; `None` where nobody knows.
    pub target: Option<Target>,
    /// Who says so.
    pub origin: Origin,
}

impl Column {
    /// What it is called where something is said of it.
    #[must_use]
    pub fn label(&self) -> String {
        if self.name.trim().is_empty() { format!("#{}", self.number) } else { shown(self.name.trim()) }
    }
}

impl Target {
    /// How a mapping says it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Field(field) => field.name().to_owned(),
            Self::Attribute(key) => format!("{ATTRIBUTE}{key}"),
            Self::LeftOut => LEFT_OUT.to_owned(),
        }
    }

    fn named(name: &str) -> Option<Self> {
        if name == LEFT_OUT {
            return Some(Self::LeftOut);
        }
        match name.strip_prefix(ATTRIBUTE) {
            Some(key) if !key.trim().is_empty() => Some(Self::Attribute(key.trim().to_owned())),
            Some(_) => None,
            None => Field::named(name).map(Self::Field),
        }
    }
}

/// What the sender says of a column: `Kundenadresse=address1`, `#3=zip`, `Farbe=attribute:colour`, `Intern=-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChoice {
    column: String,
    target: Target,
}

/// A text that is no [`ColumnChoice`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceFault {
    /// There is no equals sign with a column before it.
    #[error("must be a column, `=` and a field, such as `Customer address=address1` or `#3=zip`")]
    Shapeless,
    /// There is no such field.
    #[error("names no field; the fields are {names}, `attribute:KEY`, and `-` to leave a column out", names = field_names())]
    UnknownField(String),
}

fn field_names() -> String {
    crate::field::FIELDS.iter().map(|facts| facts.name).collect::<Vec<_>>().join(", ")
}

impl ColumnChoice {
    /// Reads a choice. The last equals sign counts: names of columns may hold some.
    ///
    /// # Errors
    /// [`ChoiceFault`].
    pub fn parse(text: &str) -> Result<Self, ChoiceFault> {
        let (column, target) = text.rsplit_once('=').ok_or(ChoiceFault::Shapeless)?;
        if column.trim().is_empty() {
            return Err(ChoiceFault::Shapeless);
        }
        let name = target.trim();
        let target = Target::named(name).ok_or_else(|| ChoiceFault::UnknownField(name.to_owned()))?;
        Ok(Self { column: column.trim().to_owned(), target })
    }

    /// The columns that are meant: by number, by just this name, or by one that reads the same.
    fn columns(&self, names: &[String]) -> Vec<usize> {
        if let Some(number) = self.column.strip_prefix('#').and_then(|number| number.parse::<usize>().ok()) {
            return number.checked_sub(1).filter(|at| *at < names.len()).into_iter().collect();
        }
        let places = |is_meant: &dyn Fn(&str) -> bool| {
            let meant = names.iter().enumerate().filter(|(_, name)| is_meant(name));
            meant.map(|(at, _)| at).collect::<Vec<_>>()
        };
        let same = places(&|name| name.trim() == self.column);
        if same.is_empty() && !key(&self.column).is_empty() {
            places(&|name| key(name) == key(&self.column))
        } else {
            same
        }
    }
}

/// What becomes of columns that nobody knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UnknownColumns {
    /// They are left out, and told.
    #[default]
    LeftOut,
    /// They are kept as attributes of their names.
    Attributes,
}

/// How many of these names are known to mean something: what tells a header from data, and one delimiter from another.
pub(crate) fn known_names(names: &[String]) -> usize {
    let has_items = has_line_items(names);
    names.iter().take(MOST_COLUMNS).filter(|name| !fields(name, has_items).is_empty() || is_attribute(name)).count()
}

fn is_attribute(name: &str) -> bool {
    name.trim().strip_prefix(ATTRIBUTE).is_some_and(|key| !key.trim().is_empty())
}

/// Says what each column holds.
///
/// # Errors
/// Everything that is wrong with the names or with what the sender says of them.
pub(crate) fn columns(
    names: &[String],
    choices: &[ColumnChoice],
    unknown: UnknownColumns,
    has_header: bool,
) -> Result<Vec<Column>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut columns: Vec<Column> = names
        .iter()
        .enumerate()
        .map(|(at, name)| Column {
            number: at + 1,
            name: if has_header { name.clone() } else { String::new() },
            target: None,
            origin: Origin::Guessed,
        })
        .collect();
    declare(&mut columns, names, choices, &mut faults);
    if has_header {
        guess(&mut columns, &mut faults);
    }
    if unknown == UnknownColumns::Attributes {
        for column in columns.iter_mut().filter(|column| column.target.is_none() && !column.name.trim().is_empty()) {
            column.target = Some(Target::Attribute(column.name.trim().to_owned()));
        }
    }
    check_whole(&columns, has_header, &mut faults);
    if faults.is_empty() { Ok(columns) } else { Err(faults) }
}

fn declare(columns: &mut [Column], names: &[String], choices: &[ColumnChoice], faults: &mut Vec<Fault>) {
    for choice in choices {
        let meant = choice.columns(names);
        if meant.is_empty() {
            let there = columns.iter().map(|column| format!("`{}`", column.label())).collect::<Vec<_>>().join(", ");
            let message =
                format_args!("has no column `{}`, which the mapping names; it has {there}", shown(&choice.column));
            faults.push(Fault::of_file(message));
        }
        if meant.len() > 1 && choice.target != Target::LeftOut {
            let message = "is there more than once: name it by its number, such as `#3`";
            faults.push(Fault { column: Some(shown(&choice.column)), ..Fault::of_file(message) });
        }
        for at in meant {
            if let Some(column) = columns.get_mut(at) {
                column.target = Some(choice.target.clone());
                column.origin = Origin::Declared;
            }
        }
    }
    let mut held: HashMap<Target, String> = HashMap::new();
    for column in columns.iter().filter(|column| column.origin == Origin::Declared) {
        let Some(target) = &column.target else { continue };
        let may_repeat =
            matches!(target, Target::LeftOut) || matches!(target, Target::Field(field) if field.may_repeat());
        if let Some(other) = held.insert(target.clone(), column.label()).filter(|_| !may_repeat) {
            let message = format_args!("is mapped to {} as \"{other}\" is: map one of them", target.name());
            faults.push(Fault { column: Some(column.label()), ..Fault::of_file(message) });
        }
    }
}

/// Gives each field the column whose name fits it best.
fn guess(columns: &mut [Column], faults: &mut Vec<Fault>) {
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let has_items = has_line_items(&names);
    let mut held: HashMap<Target, usize> = HashMap::new();
    for (at, column) in columns.iter().enumerate().filter(|(_, column)| column.origin == Origin::Declared) {
        held.extend(column.target.clone().map(|target| (target, at)));
    }
    let mut open: Vec<(Fit, usize, Field)> = Vec::new();
    for (at, column) in columns.iter_mut().enumerate().filter(|(_, column)| column.origin == Origin::Guessed) {
        if is_attribute(&column.name) {
            column.target = Target::named(column.name.trim());
        } else {
            open.extend(fields(&column.name, has_items).into_iter().map(|(field, fit)| (fit, at, field)));
        }
    }
    open.sort();
    for (_, at, field) in open {
        let target = Target::Field(field);
        let Some(column) = columns.get(at).filter(|column| column.target.is_none()) else { continue };
        match held.get(&target).copied() {
            Some(other) if !field.may_repeat() => {
                // Two columns of one name: nobody can tell which is meant.
                if let Some(other) = columns
                    .get(other)
                    .filter(|other| other.origin == Origin::Guessed && key(&other.name) == key(&column.name))
                {
                    let message = format_args!(
                        "is there twice, as columns {} and {}: rename one, or say which counts with `#{}={}` and `#{}=-`",
                        other.number,
                        column.number,
                        other.number,
                        field.name(),
                        column.number
                    );
                    faults.push(Fault { column: Some(column.label()), ..Fault::of_file(message) });
                }
            }
            _ => {
                held.insert(target.clone(), at);
                if let Some(column) = columns.get_mut(at) {
                    column.target = Some(target);
                }
            }
        }
    }
    name_families(columns);
    name_items(columns);
}

/// Beside a column of given names, one of names holds family names: "Nom, Prénom", "Vorname, Name".
fn name_families(columns: &mut [Column]) {
    if holds(columns, Field::FirstName) && !holds(columns, Field::LastName) {
        take_for(columns, Field::ContactName, Field::LastName);
    }
}

/// Beside a column of quantities, one of items holds one item: "Artikel, Menge".
fn name_items(columns: &mut [Column]) {
    if holds(columns, Field::ItemQuantity) && !holds(columns, Field::ItemName) {
        take_for(columns, Field::Items, Field::ItemName);
    }
}

fn holds(columns: &[Column], field: Field) -> bool {
    columns.iter().any(|column| column.target == Some(Target::Field(field)))
}

/// Takes the first column that was guessed to hold one field for another.
fn take_for(columns: &mut [Column], field: Field, other: Field) {
    let is_meant =
        |column: &&mut Column| column.origin == Origin::Guessed && column.target == Some(Target::Field(field));
    if let Some(column) = columns.iter_mut().find(is_meant) {
        column.target = Some(Target::Field(other));
    }
}

fn check_whole(columns: &[Column], has_header: bool, faults: &mut Vec<Fault>) {
    let is_place = |column: &Column| matches!(column.target, Some(Target::Field(field)) if field.is_place());
    if !faults.is_empty() || columns.iter().any(is_place) {
        return;
    }
    let there = columns.iter().take(20).map(|column| format!("`{}`", column.label())).collect::<Vec<_>>().join(", ");
    let is_any_known = columns.iter().any(|column| matches!(column.target, Some(Target::Field(_))));
    faults.push(match (has_header, is_any_known) {
        (false, _) => Fault::of_file("needs a mapping of its columns by number, such as `#1=address1` and `#2=city`"),
        (true, true) => Fault::of_file(format_args!(
            "has no column with an address or coordinates among {there}; say which it is, such as `Customer address=address1`"
        )),
        (true, false) => Fault::of_line(1, format_args!(
            "names no column that is known: {there}; give the file a first row with names such as address1, city and zip, or say \
             which column is what, such as `Customer address=address1`; where there is no such row, say so (no header) and map by \
             number, such as `#1=address1`"
        )),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(header: &str) -> Vec<String> {
        header.split(',').map(str::to_owned).collect()
    }

    #[track_caller]
    fn check(header: &str, choices: &[&str], expected: &[&str]) {
        let choices: Vec<_> = choices.iter().map(|choice| ColumnChoice::parse(choice).expect("a choice")).collect();
        let columns =
            columns(&names(header), &choices, UnknownColumns::LeftOut, true).unwrap_or_else(|f| panic!("{f:?}"));
        let targets: Vec<_> =
            columns.iter().map(|column| column.target.as_ref().map_or("?".to_owned(), Target::name)).collect();
        assert_eq!(targets, expected, "{header}");
    }

    #[track_caller]
    fn check_refused(header: &str, choices: &[&str], expected: &str) {
        let choices: Vec<_> = choices.iter().map(|choice| ColumnChoice::parse(choice).expect("a choice")).collect();
        let faults = columns(&names(header), &choices, UnknownColumns::LeftOut, true).expect_err("refused");
        assert!(faults.iter().any(|fault| fault.to_string().contains(expected)), "{faults:?}");
    }

    #[test]
    fn each_field_gets_the_column_that_fits_best() {
        check("Name,Street,City,ZIP", &[], &["contact_name", "address1", "city", "zip"]);
        check("Nom,Prénom,Adresse,CP,Ville", &[], &["last_name", "first_name", "address1", "zip", "city"]);
        check("Full address,Street,Colour", &[], &["?", "address1", "?"]);
        check("Phone,Shipping Phone,Shipping Street", &[], &["?", "phone", "address1"]);
        check("Address,attribute:Floor", &[], &["address1", "attribute:Floor"]);
        check("Address,Tag,Labels", &[], &["address1", "tags", "tags"]);
        check("Address,Artikel,Menge", &[], &["address1", "item_name", "item_quantity"]);
        check("Address,Artikel", &[], &["address1", "items"]);
    }

    #[test]
    fn what_the_sender_says_counts_first() {
        check("Street,Where,City", &["where = address1"], &["?", "address1", "city"]);
        check("Street,Street", &["#2=address1", "#1=-"], &["-", "address1"]);
        check("a=b,Street", &["a=b=note"], &["note", "address1"]);
        check("Street,Colour", &["Colour=attribute:color"], &["address1", "attribute:color"]);
    }

    #[test]
    fn what_cannot_be_told_is_asked() {
        check_refused("Street,street ", &[], "is there twice, as columns 1 and 2");
        check_refused("Street,City", &["Town=city"], "has no column `Town`");
        check_refused("Street,Road", &["Street=address1", "Road=address1"], "is mapped to address1 as \"Street\" is");
        check_refused("Bob,Unioninkatu 29,Helsinki", &[], "line 1 names no column that is known");
        check_refused("Name,Phone", &[], "no column with an address or coordinates");
        assert_eq!(ColumnChoice::parse("Street"), Err(ChoiceFault::Shapeless));
        assert_eq!(ColumnChoice::parse("=zip"), Err(ChoiceFault::Shapeless));
        assert!(matches!(ColumnChoice::parse("Street=road"), Err(ChoiceFault::UnknownField(name)) if name == "road"));
    }
}
