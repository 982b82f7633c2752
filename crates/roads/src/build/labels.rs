//! What is written on the signs of a road, and whether two roads are one street by it.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::rules::Tags;
use crate::rules::way::WayDrive;

/// All that is written about a road.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Label {
    name: String,
    /// Its numbers.
    reference: String,
    /// Where it leads.
    destination: String,
    pronunciation: String,
    /// The number of the exit.
    exit: String,
}

/// Labels, each once; number 0 is none.
#[derive(Debug)]
pub(super) struct Labels {
    labels: Vec<Label>,
    numbers: HashMap<Label, u32>,
    /// What has been compared.
    compared: RefCell<HashMap<(u32, u32), Likeness>>,
}

/// How two labels compare.
#[derive(Debug, Clone, Copy)]
struct Likeness {
    /// Who goes from the first to the second, and back, would be told that the road is another.
    changes: [bool; 2],
}

impl Default for Labels {
    fn default() -> Self {
        let none = Label::default();
        Self { labels: vec![none.clone()], numbers: HashMap::from([(none, 0)]), compared: RefCell::new(HashMap::new()) }
    }
}

impl Labels {
    /// The number of what these tags say.
    pub(super) fn number(&mut self, tags: &Tags<'_>, drive: &WayDrive) -> u32 {
        let text = |key: &str| tags.get(key).unwrap_or_default().to_owned();
        let destination = match (drive.forward, drive.backward) {
            (Some(_), None) => destination(tags, "forward"),
            (None, Some(_)) => destination(tags, "backward"),
            _ => String::new(),
        };
        let label = Label {
            name: text("name"),
            reference: text("ref"),
            destination,
            pronunciation: text("name:pronunciation"),
            exit: text("junction:ref"),
        };
        if let Some(&number) = self.numbers.get(&label) {
            return number;
        }
        let number = self.labels.len() as u32;
        self.labels.push(label.clone());
        self.numbers.insert(label, number);
        number
    }

    /// Whether both are signed, and as one street.
    pub(super) fn is_one_street(&self, one: u32, other: u32) -> bool {
        one != 0 && other != 0 && (one == other || self.likeness(one, other).changes == [false, false])
    }

    /// Whether both have names, and who goes from one to the other, or back, would not notice.
    pub(super) fn may_be_one_street(&self, one: u32, other: u32) -> bool {
        self.is_named(one) && self.is_named(other) && self.is_one_street(one, other)
    }

    /// Whether who goes from one to the other, or at least back, would not notice; two roads without names do.
    pub(super) fn is_alike_one_way(&self, one: u32, other: u32) -> bool {
        (self.is_named(one) || self.is_named(other))
            && (one == other || self.likeness(one, other).changes != [true, true])
    }

    fn is_named(&self, label: u32) -> bool {
        self.labels.get(label as usize).is_some_and(|label| !label.name.is_empty())
    }

    fn likeness(&self, one: u32, other: u32) -> Likeness {
        let known = self.compared.borrow().get(&(one, other)).copied();
        known.unwrap_or_else(|| {
            let of = |number: u32| self.labels.get(number as usize);
            let changes = match (of(one), of(other)) {
                (Some(one), Some(other)) => [is_change(one, other), is_change(other, one)],
                _ => [true, true],
            };
            let found = Likeness { changes };
            self.compared.borrow_mut().insert((one, other), found);
            found
        })
    }
}

fn destination(tags: &Tags<'_>, direction: &str) -> String {
    let of = |key: &str| tags.get(&format!("{key}:{direction}")).or_else(|| tags.get(key));
    match (of("destination:ref"), of("destination")) {
        (Some(reference), Some(destination)) => format!("{reference}: {destination}"),
        (one, other) => one.or(other).or_else(|| of("destination:street")).unwrap_or_default().to_owned(),
    }
}

/// Whether the road becomes another for who goes from one to the other.
///
/// A name that only loses or gains its end, or a direction of the compass, stays the same name; so does a road that
/// keeps one of its numbers. That is what OSRM holds worth telling a driver.
fn is_change(from: &Label, to: &Label) -> bool {
    if from.name.is_empty() && from.reference.is_empty() && !(to.name.is_empty() && to.reference.is_empty()) {
        return true;
    }
    let is_unnamed = from.name.is_empty() && to.name.is_empty();
    let differs_by_compass = differs_by_compass(&from.name, &to.name);
    let is_same_name = from.name.starts_with(&to.name) || to.name.starts_with(&from.name) || differs_by_compass;
    let loses_name = !from.name.is_empty() && to.name.is_empty();
    let is_unnumbered = from.reference.is_empty() && to.reference.is_empty();
    let shares_number = from.reference.is_empty()
        || to.reference.is_empty()
        || from.reference.contains(&to.reference)
        || to.reference.contains(&from.reference);
    let loses_number = !from.reference.is_empty() && to.reference.is_empty();
    let is_same = (is_unnamed && is_unnumbered)
        || (is_same_name && (shares_number || is_unnumbered || loses_number))
        || (shares_number && loses_name)
        || differs_by_compass;
    // From a number alone to a name alone, or the other way; or from one number to another.
    let is_another_kind =
        (from.name.is_empty() && !from.reference.is_empty() && !to.name.is_empty() && to.reference.is_empty())
            || (!from.name.is_empty() && from.reference.is_empty() && to.name.is_empty() && !to.reference.is_empty())
            || (is_unnamed && !shares_number);
    let loses_exit = is_same_name && !from.exit.is_empty() && to.exit.is_empty();
    !is_same || is_another_kind || from.pronunciation != to.pronunciation || (from.exit != to.exit && !loses_exit)
}

/// Whether all that two names do not share are words of the compass.
fn differs_by_compass(one: &str, other: &str) -> bool {
    const COMPASS: &[&str] =
        &["n", "ne", "e", "se", "s", "sw", "w", "nw", "north", "south", "west", "east", "nor", "sou", "we", "ea"];
    let is_compass = |rest: &[u8]| {
        let word = rest.trim_ascii().to_ascii_lowercase();
        word.is_empty() || COMPASS.iter().any(|known| known.as_bytes() == word)
    };
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let shared = longest_shared(one, other);
    let rests = |text: &[u8]| {
        let at = text.windows(shared.len().max(1)).position(|window| window == shared).unwrap_or(0);
        let before = text.get(..at).is_some_and(is_compass);
        let after = text.get(at + shared.len()..).is_some_and(is_compass);
        before && after
    };
    if shared.is_empty() { is_compass(one) && is_compass(other) } else { rests(one) && rests(other) }
}

/// The longest run of bytes that two texts share, the first of equals in `one`.
fn longest_shared<'t>(one: &'t [u8], other: &[u8]) -> &'t [u8] {
    let mut before = vec![0_usize; other.len() + 1];
    let (mut best, mut end) = (0, 0);
    for (at, byte) in one.iter().enumerate() {
        let mut diagonal = 0;
        for (length, same) in before.iter_mut().skip(1).zip(other.iter().map(|other| other == byte)) {
            let run = if same { diagonal + 1 } else { 0 };
            diagonal = std::mem::replace(length, run);
            if run > best {
                (best, end) = (run, at + 1);
            }
        }
    }
    one.get(end - best..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::CAR;

    fn is_one_street(one: &[(&str, &str)], other: &[(&str, &str)]) -> bool {
        let mut labels = Labels::default();
        let [one, other] = [one, other].map(|tags| {
            let tags: Tags<'_> = [("highway", "primary")].iter().chain(tags).copied().collect();
            labels.number(&tags, &CAR.way(&tags).unwrap())
        });
        labels.is_one_street(one, other)
    }

    #[test]
    fn street_keeps_its_name_with_another_end_or_point_of_the_compass() {
        let name = |name| [("name", name)];
        assert!(is_one_street(&name("Via Roma"), &name("Via Roma")));
        assert!(is_one_street(&name("Main Street"), &name("Main Street North")));
        assert!(is_one_street(&name("N Main Street"), &name("S Main Street")));
        assert!(!is_one_street(&name("Via Roma"), &name("Via Milano")));
        assert!(!is_one_street(&name("Via Roma"), &name("")));
        assert!(!is_one_street(&[], &[]));
    }

    #[test]
    fn number_counts_only_where_there_is_no_name() {
        let road = |name, number| [("name", name), ("ref", number)];
        assert!(is_one_street(&road("Via Roma", "SP1"), &road("Via Roma", "SP1;SP2")));
        assert!(is_one_street(&road("Via Roma", "SP1"), &road("Via Roma", "SP2")));
        assert!(is_one_street(&road("", "A4"), &road("", "A4")));
        assert!(!is_one_street(&road("", "A4"), &road("", "A8")));
        assert!(!is_one_street(&road("Via Roma", ""), &road("", "A8")));
    }

    #[test]
    fn longest_shared_run_is_found() {
        assert_eq!(longest_shared(b"North Main", b"Main South"), b"Main");
        assert_eq!(longest_shared(b"abc", b""), b"");
        assert_eq!(longest_shared(b"xabyab", b"ab"), b"ab");
    }
}
