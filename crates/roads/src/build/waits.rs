//! How long what stands at a node holds up who drives past it.

use crate::rules::node::{Obstacle, Towards, Wait};

/// Who passes a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passing {
    /// Whether along the way as it was drawn.
    pub(super) is_forward: bool,
    /// Roads that meet there.
    pub(super) roads: usize,
    /// Whether some other road there is a faster one.
    pub(super) comes_from_minor_road: bool,
    /// From the last junction, and to the next.
    pub(super) from_m: f64,
    pub(super) to_m: f64,
}

/// Seconds lost to all that stands at one node.
pub(super) fn wait_s(obstacles: &[(u32, Obstacle)], passing: &Passing) -> f64 {
    /// A sign stands this near to the junction it is for.
    const NEAR_M: f64 = 20.0;
    let mut waits_s = 0.0;
    for (_, obstacle) in obstacles {
        let &Obstacle::Wait { kind, towards, seconds } = obstacle else {
            continue;
        };
        let is_meant = match towards {
            Towards::Forward => passing.is_forward,
            Towards::Backward => !passing.is_forward,
            Towards::Both | Towards::Unsaid => true,
        };
        // Who has just left the junction has the sign behind.
        let is_behind = kind == Wait::Stop
            && towards == Towards::Unsaid
            && passing.roads == 2
            && passing.from_m < NEAR_M
            && passing.to_m > NEAR_M;
        let is_for_others = kind == Wait::MinorStop && !passing.comes_from_minor_road;
        if is_meant && !is_behind && !is_for_others {
            waits_s += seconds;
        }
    }
    waits_s
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSING: Passing =
        Passing { is_forward: true, roads: 2, comes_from_minor_road: false, from_m: 100.0, to_m: 15.0 };

    #[track_caller]
    fn check(kind: Wait, towards: Towards, passing: Passing, expected_s: f64) {
        let obstacles = [(7, Obstacle::Wait { kind, towards, seconds: 2.0 }), (7, Obstacle::Barrier)];
        assert_eq!(wait_s(&obstacles, &passing), expected_s);
    }

    #[test]
    fn signs_hold_for_the_direction_they_face() {
        check(Wait::Signals, Towards::Unsaid, PASSING, 2.0);
        check(Wait::Signals, Towards::Backward, PASSING, 0.0);
        check(Wait::Signals, Towards::Backward, Passing { is_forward: false, ..PASSING }, 2.0);
    }

    #[test]
    fn stop_sign_is_for_who_comes_to_the_junction() {
        check(Wait::Stop, Towards::Unsaid, PASSING, 2.0);
        check(Wait::Stop, Towards::Unsaid, Passing { from_m: 15.0, to_m: 100.0, ..PASSING }, 0.0);
        check(Wait::Stop, Towards::Both, Passing { from_m: 15.0, to_m: 100.0, ..PASSING }, 2.0);
        check(Wait::MinorStop, Towards::Unsaid, PASSING, 0.0);
        check(Wait::MinorStop, Towards::Unsaid, Passing { comes_from_minor_road: true, ..PASSING }, 2.0);
    }
}
