use routemate_travel::Matrix;

/// Those of `visits` that can be driven to one after the other, from `start` where there is one and with the way to `end`
/// open. Who can be reached from nowhere or left to nowhere is passed over; so is who has no way from the one before.
pub(super) fn reachable(matrix: &Matrix, start: Option<usize>, visits: &[usize], end: Option<usize>) -> Vec<usize> {
    let mut others: Vec<usize> = visits.to_vec();
    others.extend(start);
    others.extend(end);
    let is_joined = |&visit: &usize| {
        let mut rest = others.iter().filter(|&&other| other != visit).peekable();
        rest.peek().is_none()
            || (rest.clone().any(|&other| matrix.leg(other, visit).is_some())
                && rest.any(|&other| matrix.leg(visit, other).is_some()))
    };
    let mut here = start;
    let mut sequence = Vec::with_capacity(visits.len());
    for visit in visits.iter().copied().filter(|visit| is_joined(visit)) {
        if here.is_none_or(|here| matrix.leg(here, visit).is_some()) {
            sequence.push(visit);
            here = Some(visit);
        }
    }
    sequence
}

#[cfg(test)]
mod tests {
    use routemate_travel::{Leg, Quality};
    use routemate_units::{Meters, Seconds};

    use super::*;

    #[test]
    fn an_island_is_passed_over_and_the_order_kept() {
        let leg = Leg { duration: Seconds::new(60), distance: Meters::new(500) };
        let matrix = Matrix::from_fn(5, Quality::Roads, |from, to| (from != 1 && to != 1).then_some(leg));
        assert_eq!(reachable(&matrix, Some(4), &[3, 1, 0, 2], None), [3, 0, 2]);
        assert_eq!(reachable(&matrix, None, &[1, 0, 2], Some(4)), [0, 2]);
        assert_eq!(reachable(&matrix, None, &[1], None), [1]);
    }
}
