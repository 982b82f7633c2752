//! Rules that hold for vehicles above or below a size: `no @ (weight>7.5)`.
//!
//! Conditions of any other kind, times above all, are left out: a graph holds for the whole week.
//!
//! Source: OpenStreetMap wiki, Conditional restrictions.

use super::quantity::{kilogrammes, metres};
use super::{Quantity, Rules, Tags};

impl Rules {
    /// The value of `key:conditional` that is in force for the size of the vehicle; of several, the last.
    pub(super) fn conditional<'t>(&self, tags: &Tags<'t>, key: &str) -> Option<&'t str> {
        if self.sizes.is_empty() || !tags.has_conditional() {
            return None;
        }
        let text = tags.get(&format!("{key}:conditional"))?;
        let holding = clauses(text).filter_map(|clause| clause.split_once('@')).filter(|(_, when)| self.holds(when));
        holding.last().map(|(value, _)| value.trim())
    }

    /// Whether a condition is about sizes alone, and true.
    fn holds(&self, condition: &str) -> bool {
        let condition = condition.trim();
        let condition = condition.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(condition);
        let mut parts = condition.split(" AND ").flat_map(|part| part.split(" and "));
        parts.all(|part| self.compares(part.trim()) == Some(true))
    }

    /// What a comparison such as `weight>=7.5` comes to; `None` if it is none.
    fn compares(&self, comparison: &str) -> Option<bool> {
        let (name, rest) = comparison.split_at(comparison.find(['<', '>', '='])?);
        let (_, quantity, own) = self.sizes.iter().find(|(size, ..)| *size == name.trim())?;
        let operator_end = rest.find(|c| !matches!(c, '<' | '>' | '='))?;
        let (operator, bound) = rest.split_at(operator_end);
        let bound = match quantity {
            Quantity::Weight => kilogrammes(bound),
            Quantity::Height | Quantity::Length => metres(bound),
        }?;
        match operator {
            ">" => Some(*own > bound),
            ">=" => Some(*own >= bound),
            "<" => Some(*own < bound),
            "<=" => Some(*own <= bound),
            "=" | "==" => Some((*own - bound).abs() < 1e-9),
            _ => None,
        }
    }
}

/// The parts between semicolons, but for semicolons in parentheses.
fn clauses(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    text.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ';' && depth == 0
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::{CAR, TRUCK};

    #[track_caller]
    fn check(value: &str, expected: Option<&str>) {
        let tags = [("hgv:conditional", value)].into_iter().collect();
        assert_eq!(TRUCK.conditional(&tags, "hgv"), expected, "{value}");
        assert_eq!(CAR.conditional(&tags, "hgv"), None);
    }

    #[test]
    fn sizes_are_compared_with_those_of_the_vehicle() {
        check("no @ (weight>7.5)", Some("no"));
        check("no @ weight > 7.5", Some("no"));
        check("no @ (weight>18)", None);
        check("no @ (weight>=18)", Some("no"));
        check("no @ (weight<7.5)", None);
        check("no @ (maxweightrating>3500 kg)", Some("no"));
        check("no @ (length>10 AND weight>12)", Some("no"));
        check("no @ (length>10 AND weight>26)", None);
        check("no @ (height>13'0\")", Some("no"));
        check("no @ (axleload>10)", Some("no"));
    }

    #[test]
    fn last_of_several_that_hold_is_in_force() {
        check("no @ (weight>7.5); destination @ (weight>12)", Some("destination"));
        check("no @ (weight>7.5); destination @ (weight>40)", Some("no"));
        check("no @ (Mo-Fr 07:00-09:00; Sa 08:00-12:00); delivery @ (weight>7.5)", Some("delivery"));
    }

    #[test]
    fn what_is_not_about_sizes_alone_is_left_out() {
        check("no @ (22:00-06:00)", None);
        check("no @ (22:00-06:00 AND weight>7.5)", None);
        check("no @ destination", None);
        check("no @ (stay>2 hours)", None);
        for broken in [
            "",
            "@",
            "no @",
            "no @ ()",
            "no @ (weight)",
            "no @ (weight>)",
            "no @ (weight>much)",
            ")(;@;(",
            "no @ (>7.5)",
        ] {
            check(broken, None);
        }
    }
}
