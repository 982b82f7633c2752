//! What the tags of a node put into the way.

use super::{Rules, Tags, find};

/// Something at a node that stops or delays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Obstacle {
    /// Nobody drives through.
    Barrier,
    /// Room to turn round.
    TurningPlace,
    /// Takes a while.
    Wait { kind: Wait, towards: Towards, seconds: f64 },
}

/// What one waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    Signals,
    Stop,
    /// A stop for the smaller roads of a junction only.
    MinorStop,
    GiveWay,
    Gate,
}

/// For whom, seen along the way that the node is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Towards {
    Unsaid,
    Forward,
    Backward,
    Both,
}

impl Rules {
    /// What is at a node with these tags: at most a barrier or gate, and at most a sign, a signal or room to turn.
    pub(crate) fn node(&self, tags: &Tags<'_>) -> [Option<Obstacle>; 2] {
        [self.barrier(tags), self.sign(tags)]
    }

    fn barrier(&self, tags: &Tags<'_>) -> Option<Obstacle> {
        let keys = self.access.iter();
        if let Some(access) = keys.filter_map(|[key, ..]| tags.get(key)).map(|access| self.milder(access)).next() {
            let is_closed = self.forbidden.contains(&access) && !self.restricted.contains(&access);
            return is_closed.then_some(Obstacle::Barrier);
        }
        let barrier = tags.get("barrier")?;
        let is_low = barrier == "height_restrictor"
            && tags.get("maxheight").and_then(|height| self.height_m(height)).is_some_and(|m| m < self.height_m);
        if is_low {
            return Some(Obstacle::Barrier);
        }
        if let Some(seconds) = find(self.barrier_waits_s, barrier) {
            return Some(Obstacle::Wait { kind: Wait::Gate, towards: Towards::Both, seconds });
        }
        // What a car drives over or what opens for it, and fences that only cattle hear.
        let is_open = self.open_barriers.contains(&barrier)
            || tags.is("bollard", "rising")
            || matches!(tags.get("kerb"), Some("lowered" | "flush"))
            || (barrier == "kerb" && tags.is("highway", "crossing"))
            || (barrier == "fence" && matches!(tags.get("sensory"), Some("audible" | "audio")));
        (!is_open).then_some(Obstacle::Barrier)
    }

    fn sign(&self, tags: &Tags<'_>) -> Option<Obstacle> {
        let direction = tags.get("direction");
        let (kind, direction, seconds) = match tags.get("highway")? {
            "traffic_signals" => (Wait::Signals, tags.get("traffic_signals:direction").or(direction), self.signals_s),
            "stop" if tags.is("stop", "minor") => (Wait::MinorStop, direction, self.stop_s),
            "stop" => (Wait::Stop, direction, self.stop_s),
            "give_way" => (Wait::GiveWay, direction, self.give_way_s),
            "mini_roundabout" | "turning_loop" | "turning_circle" => return Some(Obstacle::TurningPlace),
            _ => return None,
        };
        let towards = match direction {
            Some("forward") => Towards::Forward,
            Some("backward") => Towards::Backward,
            Some("both") => Towards::Both,
            _ => Towards::Unsaid,
        };
        Some(Obstacle::Wait { kind, towards, seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::CAR;

    #[track_caller]
    fn check(tags: &[(&str, &str)], expected: [Option<Obstacle>; 2]) {
        assert_eq!(CAR.node(&tags.iter().copied().collect()), expected, "{tags:?}");
    }

    const BARRIER: [Option<Obstacle>; 2] = [Some(Obstacle::Barrier), None];

    #[test]
    fn barriers_stop_cars_unless_access_says_otherwise() {
        check(&[("barrier", "bollard")], BARRIER);
        check(&[("barrier", "bollard"), ("bollard", "rising")], [None, None]);
        check(&[("barrier", "bollard"), ("motor_vehicle", "yes")], [None, None]);
        check(&[("barrier", "cattle_grid")], [None, None]);
        check(&[("barrier", "gate"), ("access", "no")], BARRIER);
        check(&[("barrier", "gate"), ("access", "private")], [None, None]);
        check(&[("barrier", "kerb"), ("kerb", "flush")], [None, None]);
        check(&[("access", "no"), ("motorcar", "yes")], [None, None]);
    }

    #[test]
    fn low_bar_stops_only_what_is_higher() {
        check(&[("barrier", "height_restrictor"), ("maxheight", "2.1")], [None, None]);
        check(&[("barrier", "height_restrictor"), ("maxheight", "1.9")], BARRIER);
    }

    #[test]
    fn circles_are_room_to_turn() {
        check(&[("highway", "mini_roundabout")], [None, Some(Obstacle::TurningPlace)]);
        check(&[("highway", "turning_circle")], [None, Some(Obstacle::TurningPlace)]);
    }

    #[test]
    fn gate_takes_a_minute() {
        let wait = Obstacle::Wait { kind: Wait::Gate, towards: Towards::Both, seconds: 60.0 };
        check(&[("barrier", "gate")], [Some(wait), None]);
    }

    #[test]
    fn signs_hold_for_the_direction_they_name() {
        let wait = |kind, towards, seconds| [None, Some(Obstacle::Wait { kind, towards, seconds })];
        check(&[("highway", "traffic_signals")], wait(Wait::Signals, Towards::Unsaid, 2.0));
        check(
            &[("highway", "traffic_signals"), ("direction", "forward"), ("traffic_signals:direction", "backward")],
            wait(Wait::Signals, Towards::Backward, 2.0),
        );
        check(&[("highway", "stop"), ("stop", "minor")], wait(Wait::MinorStop, Towards::Unsaid, 2.0));
        check(&[("highway", "give_way"), ("direction", "both")], wait(Wait::GiveWay, Towards::Both, 1.0));
        check(&[("highway", "crossing")], [None, None]);
    }
}
