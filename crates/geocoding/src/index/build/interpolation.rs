//! Lines along which house numbers run (`addr:interpolation`): every number between those that stand on them.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use super::gathered::{Gathered, RawAddress, Texts};
use super::tags::{Tags, renumber};
use crate::index::country::Country;
use crate::index::number::{HouseNumber, Pair};
use crate::index::street::Spot;
use crate::index::text::{Fnv, fold};

/// A line and what its own tags say; texts by their numbers.
#[derive(Debug)]
pub(super) struct Interpolation {
    step: Step,
    street: u32,
    city: u32,
    postcode: u32,
}

/// From one house to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Numbers(u32),
    /// 12a, 12b, 12c.
    Letters,
}

/// A house that stands on a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) street: u32,
    pub(super) number: u32,
    pub(super) city: u32,
    pub(super) postcode: u32,
}

/// Houses by street and number.
pub(super) type Known = HashSet<(u32, u32), BuildHasherDefault<Fnv>>;

/// More houses have no place between two others.
const MOST_HOUSES: u32 = 500;

impl Interpolation {
    /// The line of a way that has these tags, if it is one.
    pub(super) fn read(tags: &Tags<'_>, texts: &mut Texts) -> Option<Self> {
        let step = match tags.get("addr:interpolation")? {
            "odd" | "even" => Step::Numbers(2),
            "all" => Step::Numbers(1),
            "alphabetic" => Step::Letters,
            number => Step::Numbers(number.parse().ok().filter(|step| (1..=MOST_HOUSES).contains(step))?),
        };
        let mut text = |key: &str| texts.number(tags.get(key).unwrap_or_default());
        let (street, city, postcode) = (text("addr:street"), text("addr:city"), text("addr:postcode"));
        Some(Self { step, street, city, postcode })
    }

    /// Gives each text the number that stands at its own.
    pub(super) fn renumber(&mut self, numbers: &[u32]) {
        renumber([&mut self.street, &mut self.city, &mut self.postcode].into_iter(), numbers);
    }

    /// Adds the houses between those on the line, except those that are `known`.
    pub(super) fn houses(&self, line: &[(Spot, Option<End>)], known: &Known, gathered: &mut Gathered) {
        let mut rest = line;
        // From one house on the line to the next.
        while let Some(first) = rest.iter().position(|(_, end)| end.is_some()) {
            rest = rest.get(first..).unwrap_or_default();
            let next = rest.iter().skip(1).position(|(_, end)| end.is_some());
            let Some(section) = next.and_then(|next| rest.get(..next + 2)) else {
                return;
            };
            self.section(section, known, gathered);
            rest = rest.get(section.len() - 1..).unwrap_or_default();
        }
    }

    fn section(&self, line: &[(Spot, Option<End>)], known: &Known, gathered: &mut Gathered) {
        let (Some((_, Some(from))), Some((_, Some(to)))) = (line.first(), line.last()) else {
            return;
        };
        let either = |own: u32, from: u32, to: u32| [own, from, to].into_iter().find(|text| *text != 0).unwrap_or(0);
        let street = either(self.street, from.street, to.street);
        let city = either(self.city, from.city, to.city);
        let postcode = either(self.postcode, from.postcode, to.postcode);
        if street == 0 || (from.street != 0 && to.street != 0 && from.street != to.street) {
            return;
        }
        let points: Vec<Spot> = line.iter().map(|(spot, _)| *spot).collect();
        let numbers = between(gathered.texts.get(from.number), gathered.texts.get(to.number), self.step);
        for (number, part) in numbers {
            let number = gathered.texts.number(&number);
            if known.contains(&(street, number)) {
                continue;
            }
            if let Some(spot) = along(&points, part) {
                let country = Country::at(spot.lat_degrees(), spot.lng_degrees());
                gathered.addresses.push(RawAddress { street, number, city, postcode, spot, country, region: u16::MAX });
            }
        }
    }
}

/// The numbers between two others, each with how far it is from the first.
fn between(from: &str, to: &str, step: Step) -> Vec<(String, f64)> {
    let parsed = |text: &str| {
        let mut folded = String::new();
        fold(text, &mut folded);
        HouseNumber::parse(&folded, Pair::Range).filter(|number| number.value > 0)
    };
    let (Some(from), Some(to)) = (parsed(from), parsed(to)) else {
        return Vec::new();
    };
    match step {
        Step::Numbers(step) => {
            let (low, high) = (from.value.min(to.value), from.value.max(to.value));
            if (high - low) % step != 0 || (high - low) / step > MOST_HOUSES {
                return Vec::new();
            }
            let inner = (low..high).step_by(step as usize).skip(1);
            let part = |value: u32| f64::from(value.abs_diff(from.value)) / f64::from(high - low);
            inner.map(|value| (value.to_string(), part(value))).collect()
        }
        Step::Letters if from.value == to.value => {
            // What has no letter stands before a.
            let letter = |number: &HouseNumber| match number.suffix.as_bytes() {
                [] => Some(b'a' - 1),
                [letter @ b'a'..=b'z'] => Some(*letter),
                _ => None,
            };
            let (Some(first), Some(last)) = (letter(&from), letter(&to)) else {
                return Vec::new();
            };
            let part = |letter: u8| f64::from(letter.abs_diff(first)) / f64::from(last.abs_diff(first));
            let inner = first.min(last) + 1..first.max(last);
            inner.map(|letter| (format!("{}{}", from.value, char::from(letter)), part(letter))).collect()
        }
        Step::Letters => Vec::new(),
    }
}

/// The spot a part of the way along a line.
fn along(points: &[Spot], part: f64) -> Option<Spot> {
    let pieces = || points.windows(2).filter_map(|piece| Some((*piece.first()?, *piece.last()?)));
    let total_m: f64 = pieces().map(|(a, b)| a.distance_m(b)).sum();
    let mut left_m = total_m * part;
    for (a, b) in pieces() {
        let length_m = a.distance_m(b);
        if left_m <= length_m {
            return Some(if length_m > 0.0 { a.towards(b, left_m / length_m) } else { a });
        }
        left_m -= length_m;
    }
    points.last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, to: &str, step: Step, expected: &[(&str, f64)]) {
        let found = between(from, to, step);
        let found: Vec<(&str, f64)> = found.iter().map(|(number, part)| (number.as_str(), *part)).collect();
        assert_eq!(found, expected, "{from} to {to}");
    }

    #[test]
    fn numbers_run_from_one_end_to_the_other() {
        check("2", "10", Step::Numbers(2), &[("4", 0.25), ("6", 0.5), ("8", 0.75)]);
        check("5", "1", Step::Numbers(2), &[("3", 0.5)]);
        check("1", "3", Step::Numbers(1), &[("2", 0.5)]);
        check("12", "12d", Step::Letters, &[("12a", 0.25), ("12b", 0.5), ("12c", 0.75)]);
        check("12C", "12a", Step::Letters, &[("12b", 0.5)]);
    }

    #[test]
    fn ends_that_do_not_fit_have_nothing_between_them() {
        check("1", "10", Step::Numbers(2), &[]);
        check("1", "1", Step::Numbers(2), &[]);
        check("1", "999999", Step::Numbers(1), &[]);
        check("12a", "14c", Step::Letters, &[]);
        check("tower", "4", Step::Numbers(2), &[]);
    }
}
