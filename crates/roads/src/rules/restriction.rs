//! What the tags of a turn restriction say.

use super::{Rules, Tags};

impl Rules {
    /// Whether a relation with these tags demands a turn (`only_…`) rather than forbids it (`no_…`); `None` if it does
    /// not hold for this vehicle, or not always.
    ///
    /// Source: OpenStreetMap wiki, Relation:restriction.
    pub(crate) fn restriction(&self, tags: &Tags<'_>) -> Option<bool> {
        let excepted = tags.get("except").unwrap_or_default();
        if excepted.split(';').any(|vehicle| self.vehicles.contains(&vehicle.trim())) {
            return None;
        }
        let own = self.vehicles.iter().find_map(|vehicle| tags.get(&format!("restriction:{vehicle}")));
        let value = own.or_else(|| tags.get("restriction"))?;
        if value.ends_with("_on_red") {
            return None;
        }
        if value.starts_with("only_") {
            Some(true)
        } else if value.starts_with("no_") {
            Some(false)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::CAR;

    #[track_caller]
    fn check(tags: &[(&str, &str)], expected: Option<bool>) {
        assert_eq!(CAR.restriction(&tags.iter().copied().collect()), expected, "{tags:?}");
    }

    #[test]
    fn restrictions_hold_for_cars_unless_excepted() {
        check(&[("restriction", "no_left_turn")], Some(false));
        check(&[("restriction", "only_straight_on")], Some(true));
        check(&[("restriction", "no_left_turn"), ("except", "psv;bicycle")], Some(false));
        check(&[("restriction", "no_left_turn"), ("except", "psv; motorcar")], None);
        check(&[("restriction:hgv", "no_left_turn")], None);
        check(&[("restriction:motorcar", "only_left_turn"), ("restriction", "no_left_turn")], Some(true));
        check(&[("restriction", "no_right_turn_on_red")], None);
        check(&[("restriction:conditional", "no_left_turn @ (08:00-10:00)")], None);
    }
}
