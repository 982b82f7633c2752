//! Answers against those of the plain algorithm.

use routemate_roads::{Graph, Snap};
use routemate_units::{LatLng, StopToken};
use serde_json::{Value, json};

use crate::Result;

/// Compares so many pairs: cells of a table, and every hundredth of them as a route too.
pub(crate) fn check(graph: &Graph, points: &[LatLng], pairs: usize) -> Result<Value> {
    let columns = points.len().min(100);
    let snaps: Vec<Snap> = points.iter().map(|at| graph.snap(*at)).collect::<std::result::Result<_, _>>()?;
    let rows = pairs.div_ceil(columns.max(1)).min(snaps.len());
    let from = snaps.get(..rows).unwrap_or_default();
    let to = snaps.get(snaps.len() - columns..).unwrap_or_default();
    let ours = graph.table(from, to, &StopToken::never())?;
    let plain = graph.reference_table(from, to, &StopToken::never())?;
    let mut differ = 0;
    for (row, start) in from.iter().enumerate() {
        for (column, end) in to.iter().enumerate() {
            let cell = plain.leg(row, column);
            let is_same_as_route = || {
                let path = graph.path(&[*start, *end], &StopToken::never()).ok();
                path.and_then(|path| path.legs().first().map(|leg| leg.leg())) == cell
            };
            let is_sampled = (row * columns + column).is_multiple_of(100);
            differ += usize::from(ours.leg(row, column) != cell || is_sampled && !is_same_as_route());
        }
    }
    Ok(json!({ "pairs": rows * columns, "differ": differ }))
}
