//! What it costs to turn.

use super::{Rules, Side};

/// A turn as seen by its driver.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    /// Degrees clockwise from straight on, −180..=180: positive to the right.
    pub(crate) angle: f64,
    /// Roads that meet here.
    pub(crate) roads: usize,
    pub(crate) is_u_turn: bool,
    /// Between a road and a ferry.
    pub(crate) changes_mode: bool,
    pub(crate) touches_roundabout: bool,
    pub(crate) enters_restricted: bool,
    pub(crate) side: Side,
    /// What stands there, summed.
    pub(crate) waits_s: f64,
}

/// Seconds, in tenths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TurnCost {
    pub(crate) weight_ds: u16,
    pub(crate) duration_ds: u16,
}

impl Rules {
    /// Time and weight of a turn.
    ///
    /// The time grows with the angle along a sigmoid up to `turn_s`; its bias makes turns across oncoming traffic
    /// dearer, and so does a second, flatter sigmoid that only these pay.
    pub(crate) fn turn(&self, turn: &Turn) -> TurnCost {
        let mut seconds = turn.waits_s;
        if turn.roads > 2 || turn.changes_mode || turn.is_u_turn {
            let bias = match turn.side {
                Side::Right => self.turn_bias,
                Side::Left => 1.0 / self.turn_bias,
            };
            let half_turns = turn.angle.abs() / 180.0;
            let bias = if turn.angle >= 0.0 { bias } else { 1.0 / bias };
            seconds += self.turn_s * sigmoid(13.0 / bias * half_turns - 6.5 * bias);
            let is_across = match turn.side {
                Side::Right => turn.angle < 0.0,
                Side::Left => turn.angle > 0.0,
            };
            if turn.is_u_turn {
                seconds += self.u_turn_s;
            } else if is_across && turn.roads > 2 && !turn.touches_roundabout {
                seconds += self.oncoming_s * sigmoid(13.0 * half_turns - 3.25);
            }
        }
        let duration_ds = tenths(seconds);
        let weight_ds = if turn.enters_restricted { tenths(self.into_restricted_s) } else { duration_ds };
        TurnCost { weight_ds, duration_ds }
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Cut off rather than rounded, as OSRM has it: over the dozens of turns of a trip a mean of half a tenth is seconds.
fn tenths(seconds: f64) -> u16 {
    // A float-to-int `as` saturates. What is a whole number but for the error of a sum stays one.
    (seconds * 10.0 + 1e-9) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::CAR;

    const PLAIN: Turn = Turn {
        angle: 0.0,
        roads: 4,
        is_u_turn: false,
        changes_mode: false,
        touches_roundabout: false,
        enters_restricted: false,
        side: Side::Right,
        waits_s: 0.0,
    };

    #[track_caller]
    fn check(turn: Turn, duration_ds: u16) {
        assert_eq!(CAR.turn(&turn), TurnCost { weight_ds: duration_ds, duration_ds });
    }

    #[test]
    fn right_angles_cost_more_across_the_oncoming_side() {
        check(Turn { angle: 0.0, ..PLAIN }, 0);
        check(Turn { angle: 90.0, ..PLAIN }, 21);
        check(Turn { angle: -90.0, ..PLAIN }, 73);
        check(Turn { angle: -90.0, touches_roundabout: true, ..PLAIN }, 53);
    }

    #[test]
    fn left_hand_traffic_is_the_mirror_image() {
        for angle in [-170.0, -90.0, -30.0, 30.0, 90.0, 170.0] {
            let left = Turn { angle, side: Side::Left, ..PLAIN };
            assert_eq!(CAR.turn(&left), CAR.turn(&Turn { angle: -angle, ..PLAIN }));
        }
    }

    #[test]
    fn bend_of_one_road_costs_only_what_stands_there() {
        check(Turn { angle: 90.0, roads: 2, waits_s: 2.0, ..PLAIN }, 20);
        check(Turn { angle: 180.0, roads: 1, is_u_turn: true, ..PLAIN }, 274);
    }

    #[test]
    fn restricted_roads_are_entered_by_those_who_must() {
        let cost = CAR.turn(&Turn { enters_restricted: true, ..PLAIN });
        assert_eq!(cost, TurnCost { weight_ds: 32767, duration_ds: 0 });
    }
}
