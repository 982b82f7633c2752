//! Ways of minimum weight between edges: by the hierarchy, and by Dijkstra's algorithm, which it has to agree with.

mod dijkstra;
mod key;
mod route;
mod scratch;
mod table;

use routemate_units::StopToken;

use crate::file::Edge;

pub(crate) use dijkstra::Dijkstra;
pub(crate) use key::Key;
pub(crate) use route::Climber;
pub(crate) use scratch::Pool;

/// Weight decides; of equal weights the shorter time, then the shorter way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cost {
    /// Tenths of a second.
    pub(crate) weight: i64,
    /// Tenths of a second.
    pub(crate) duration: i64,
    /// Centimetres.
    pub(crate) length: i64,
}

impl Cost {
    pub(crate) fn of_edge(edge: &Edge) -> Self {
        Self { weight: edge.weight_ds.into(), duration: edge.duration_ds.into(), length: edge.length_cm.into() }
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            weight: self.weight + other.weight,
            duration: self.duration + other.duration,
            length: self.length + other.length,
        }
    }

    pub(crate) const fn minus(self, other: Self) -> Self {
        Self {
            weight: self.weight - other.weight,
            duration: self.duration - other.duration,
            length: self.length - other.length,
        }
    }

    pub(crate) fn max_each(self, other: Self) -> Self {
        Self {
            weight: self.weight.max(other.weight),
            duration: self.duration.max(other.duration),
            length: self.length.max(other.length),
        }
    }

    pub(crate) fn min_each(self, other: Self) -> Self {
        Self {
            weight: self.weight.min(other.weight),
            duration: self.duration.min(other.duration),
            length: self.length.min(other.length),
        }
    }
}

/// A place on an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) edge: u32,
    /// From the beginning of the edge to the place.
    pub(crate) before: Cost,
}

/// A way from one place to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trip {
    pub(crate) cost: Cost,
    /// All edges driven, the first and the last only in part; the same edge twice if it is driven round.
    pub(crate) edges: Vec<u32>,
}

/// The stop token was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopped;

/// Finds ways of minimum [`Cost`]. A place is given by its ends, one for each direction that is open there.
pub(crate) trait Search {
    /// The costs from each place to each, row by row; `None` where there is no way.
    fn costs<T: From<Cost> + Copy + Send>(
        &self,
        from: &[Vec<End>],
        to: &[Vec<End>],
        stop: &StopToken,
    ) -> Result<Vec<Option<T>>, Stopped>;

    /// The way from one place to another.
    fn trip(&self, from: &[End], to: &[End], stop: &StopToken) -> Result<Option<Trip>, Stopped>;
}

/// The least cost to a place that is ahead on the same edge, and that edge.
fn direct(from: &[End], to: &[End]) -> Option<(Cost, u32)> {
    let pairs = from.iter().flat_map(|start| to.iter().map(move |end| (start, end)));
    // Behind by less than a tenth of a second is the same place: nobody drives round the block for it.
    let ahead = pairs.filter(|(start, end)| start.edge == end.edge && start.before.weight <= end.before.weight);
    ahead.map(|(start, end)| (end.before.minus(start.before).max_each(Cost::default()), end.edge)).min()
}
