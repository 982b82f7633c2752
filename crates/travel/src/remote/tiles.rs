//! A matrix of any size from a server that gives only so much at once.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::stream::{FuturesUnordered, StreamExt};
use routemate_units::{LatLng, Meters, Seconds, StopToken};

use super::{Cells, Protocol, Unanswered};
use crate::error::TravelError;
use crate::matrix::Matrix;
use crate::path::Leg;
use crate::port::Quality;

/// The points of a matrix, each place once: equal points need no question of their own.
#[derive(Debug)]
pub(crate) struct Places {
    /// In the order of their first occurrence.
    pub(crate) distinct: Vec<LatLng>,
    /// For each point its place among those.
    of: Vec<usize>,
}

/// A matrix of more places would take hundreds of requests and of megabytes.
const MOST_PLACES: usize = 2_000;
/// Questions that may be spent on finding points near no road.
const MOST_PROBES: usize = 64;

impl Places {
    pub(crate) fn of(points: &[LatLng]) -> Self {
        let mut distinct = Vec::new();
        let mut known = HashMap::new();
        let place = |point: &LatLng| {
            *known.entry((point.lat().to_bits(), point.lng().to_bits())).or_insert_with(|| {
                distinct.push(*point);
                distinct.len() - 1
            })
        };
        let of = points.iter().map(place).collect();
        Self { distinct, of }
    }

    /// The matrix of all points, asked for in tiles of at most `side` × `side` pairs; `side` becomes less when the server
    /// says that it is too much. Points near no road are found out and have no way from or to them.
    pub(crate) async fn matrix(
        &self,
        server: &impl Protocol,
        side: &AtomicUsize,
        stop: &StopToken,
    ) -> Result<Matrix, TravelError> {
        let len = self.distinct.len();
        if len > MOST_PLACES {
            let limit = format!("no server is for more than {MOST_PLACES} places");
            return Err(TravelError::TooMuch { engine: server.remote().name(), asked: len * len, limit });
        }
        let known_side = side.load(Ordering::Relaxed);
        let mut on_road: Vec<usize> = (0..len).collect();
        let cells = loop {
            let points: Vec<LatLng> = on_road.iter().filter_map(|&place| self.distinct.get(place).copied()).collect();
            match in_tiles(server, side, &points, stop).await {
                Ok(cells) => break cells,
                Err(Unanswered::OffRoad) if on_road.len() == len => {
                    let off_road = off_road(server, side, &points, stop).await?;
                    if off_road.is_empty() {
                        let source = "it finds no road near a point, and then near all";
                        return Err(TravelError::unavailable(server.remote().name(), source));
                    }
                    on_road.retain(|place| !off_road.contains(place));
                }
                Err(Unanswered::OffRoad) => {
                    let source = "it finds no road near points where it found one";
                    return Err(TravelError::unavailable(server.remote().name(), source));
                }
                Err(Unanswered::TooBig) => {
                    // Nothing was learned about sizes: something else is amiss.
                    side.store(known_side, Ordering::Relaxed);
                    return Err(TravelError::refused(server.remote().name(), "it gives not even one pair"));
                }
                Err(Unanswered::Failed(error)) => return Err(error),
            }
        };
        Ok(self.assemble(&on_road, &cells))
    }

    fn assemble(&self, on_road: &[usize], cells: &[Option<Leg>]) -> Matrix {
        let mut row_of: Vec<Option<usize>> = vec![None; self.distinct.len()];
        for (row, &place) in on_road.iter().enumerate() {
            if let Some(slot) = row_of.get_mut(place) {
                *slot = Some(row);
            }
        }
        let place = |point: usize| self.of.get(point).copied();
        let row = |point: usize| row_of.get(place(point)?).copied().flatten();
        Matrix::from_fn(self.of.len(), Quality::Roads, |from, to| {
            if place(from) == place(to) {
                return Some(Leg { duration: Seconds::ZERO, distance: Meters::ZERO });
            }
            *cells.get(row(from)? * on_road.len() + row(to)?)?
        })
    }
}

/// Rows and columns of a part of the matrix.
type Tile = (Range<usize>, Range<usize>);

async fn in_tiles(
    server: &impl Protocol,
    side: &AtomicUsize,
    points: &[LatLng],
    stop: &StopToken,
) -> Result<Cells, Unanswered> {
    let mut cells = vec![None; points.len() * points.len()];
    if points.len() < 2 {
        return Ok(cells);
    }
    let mut waiting = split((0..points.len(), 0..points.len()), side.load(Ordering::Relaxed));
    let mut asked = FuturesUnordered::new();
    loop {
        while asked.len() < server.remote().concurrency()
            && let Some(tile) = waiting.pop()
        {
            // Meanwhile the server may have refused a smaller one.
            let mut parts = split(tile, side.load(Ordering::Relaxed));
            if let Some(part) = parts.pop() {
                asked.push(ask(server, points, part, stop));
            }
            waiting.append(&mut parts);
        }
        match asked.next().await {
            None => return Ok(cells),
            Some((tile, Ok(part))) => put(&mut cells, points.len(), &tile, part),
            Some((tile, Err(Unanswered::TooBig))) => {
                let longest = tile.0.len().max(tile.1.len());
                if longest < 2 {
                    return Err(Unanswered::TooBig);
                }
                side.fetch_min(longest.div_ceil(2), Ordering::Relaxed);
                waiting.push(tile);
            }
            Some((_, Err(unanswered))) => return Err(unanswered),
        }
    }
}

async fn ask(
    server: &impl Protocol,
    points: &[LatLng],
    tile: Tile,
    stop: &StopToken,
) -> (Tile, Result<Cells, Unanswered>) {
    let (rows, columns) = &tile;
    let (sources, targets) = (slice(points, rows), slice(points, columns));
    let answer = server.table(sources, targets, stop).await.and_then(|part| {
        if part.len() == sources.len() * targets.len() {
            return Ok(part);
        }
        let source = format!("of {} pairs its table has {}", sources.len() * targets.len(), part.len());
        Err(TravelError::unavailable(server.remote().name(), source).into())
    });
    (tile, answer)
}

fn slice<'p>(points: &'p [LatLng], range: &Range<usize>) -> &'p [LatLng] {
    points.get(range.clone()).unwrap_or_default()
}

fn put(cells: &mut [Option<Leg>], len: usize, (rows, columns): &Tile, part: Cells) {
    let mut part = part.into_iter();
    for row in rows.clone() {
        let row = cells.get_mut(row * len + columns.start..row * len + columns.end).unwrap_or_default();
        for (cell, leg) in row.iter_mut().zip(part.by_ref()) {
            *cell = leg;
        }
    }
}

/// Parts of at most `side` × `side`, of about the same size.
fn split((rows, columns): Tile, side: usize) -> Vec<Tile> {
    let columns = pieces(columns, side);
    pieces(rows, side)
        .into_iter()
        .flat_map(|rows| columns.iter().map(move |columns| (rows.clone(), columns.clone())))
        .collect()
}

fn pieces(range: Range<usize>, most: usize) -> Vec<Range<usize>> {
    let count = range.len().div_ceil(most.max(1)).max(1);
    let bound = |piece: usize| range.start + range.len() * piece / count;
    (0..count).map(|piece| bound(piece)..bound(piece + 1)).collect()
}

/// Finds which points are near no road, by halves: servers say that there are such, not always which.
async fn off_road(
    server: &impl Protocol,
    side: &AtomicUsize,
    points: &[LatLng],
    stop: &StopToken,
) -> Result<Vec<usize>, TravelError> {
    let mut found = Vec::new();
    let mut suspects = pieces(0..points.len(), side.load(Ordering::Relaxed));
    let mut probes = 0;
    while let Some(range) = suspects.pop() {
        probes += 1;
        if probes > MOST_PROBES {
            let source = "too many points are near no road for it";
            return Err(TravelError::unavailable(server.remote().name(), source));
        }
        // One target is enough: it is one of the suspects itself.
        let target = range.start..range.start + 1;
        let answer = server.table(slice(points, &range), slice(points, &target), stop).await;
        match answer {
            Ok(_) => {}
            Err(Unanswered::OffRoad) if range.len() == 1 => found.push(range.start),
            Err(Unanswered::OffRoad) => suspects.extend(pieces(range.clone(), range.len().div_ceil(2))),
            Err(Unanswered::TooBig) if range.len() > 1 => {
                suspects.extend(pieces(range.clone(), range.len().div_ceil(2)));
            }
            Err(Unanswered::TooBig) => {
                return Err(TravelError::refused(server.remote().name(), "it gives not even one pair"));
            }
            Err(Unanswered::Failed(error)) => return Err(error),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
