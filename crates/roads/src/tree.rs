//! A packed, static R-tree over the pieces of all segments.
//!
//! Leaves are sorted along a Hilbert curve; every [`FANOUT`] of them make a box, every [`FANOUT`] boxes one of the next
//! level, up to a single one. Levels follow each other in one array, the lowest first, so that nothing but counts is
//! needed to find children.
//!
//! Source: I. Kamel, C. Faloutsos, "On packing R-trees", CIKM 1993.

use bytemuck::{Pod, Zeroable};

use crate::geodesy::{Point, Scale, east_of};

const FANOUT: usize = 8;

/// A piece of a segment, by its first point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Leaf {
    pub(crate) point: u32,
    pub(crate) segment: u32,
}

/// The least rectangle around some pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct TreeBox {
    south: i32,
    west: i32,
    north: i32,
    east: i32,
}

impl TreeBox {
    const EMPTY: Self = Self { south: i32::MAX, west: i32::MAX, north: i32::MIN, east: i32::MIN };

    fn of(a: Point, b: Point) -> Self {
        let (south, north) = (a.lat.min(b.lat), a.lat.max(b.lat));
        // What crosses the antimeridian spans the world.
        if (i64::from(a.lng) - i64::from(b.lng)).abs() > 1_800_000_000 {
            return Self { south, west: -1_800_000_000, north, east: 1_800_000_000 };
        }
        Self { south, west: a.lng.min(b.lng), north, east: a.lng.max(b.lng) }
    }

    fn with(self, other: Self) -> Self {
        Self {
            south: self.south.min(other.south),
            west: self.west.min(other.west),
            north: self.north.max(other.north),
            east: self.east.max(other.east),
        }
    }

    /// Square metres of the least distance, 0 inside.
    fn distance2(&self, at: Point, scale: Scale) -> f64 {
        let north = f64::from((self.south.saturating_sub(at.lat)).max(at.lat.saturating_sub(self.north)).max(0));
        let east = if (self.west..=self.east).contains(&at.lng) {
            0.0
        } else {
            let side = |lng| east_of(at, Point { lat: 0, lng }).abs();
            side(self.west).min(side(self.east))
        };
        let (north, east) = (north * scale.lat, east * scale.lng);
        north * north + east * east
    }
}

/// Sorts leaves and makes their boxes.
pub(crate) fn pack(leaves: &mut [Leaf], points: &[Point]) -> Vec<TreeBox> {
    let ends = |leaf: &Leaf| {
        let at = leaf.point as usize;
        (points.get(at).copied().unwrap_or_default(), points.get(at + 1).copied().unwrap_or_default())
    };
    leaves.sort_by_cached_key(|leaf| {
        let (a, b) = ends(leaf);
        (hilbert(a.towards(b, 0.5)), leaf.point)
    });
    let mut boxes: Vec<TreeBox> = leaves
        .chunks(FANOUT)
        .map(|leaves| leaves.iter().map(&ends).map(|(a, b)| TreeBox::of(a, b)).fold(TreeBox::EMPTY, TreeBox::with))
        .collect();
    let mut level = boxes.clone();
    while level.len() > 1 {
        level = level.chunks(FANOUT).map(|boxes| boxes.iter().copied().fold(TreeBox::EMPTY, TreeBox::with)).collect();
        boxes.extend(&level);
    }
    boxes
}

/// How far along a Hilbert curve over the world a point lies.
pub(crate) fn hilbert(point: Point) -> u64 {
    let mut x = (i64::from(point.lng) + 1_800_000_000) as u32;
    let mut y = (i64::from(point.lat) + 900_000_000) as u32;
    let mut along = 0;
    for bit in (0..32).rev() {
        let (right, up) = (x >> bit & 1, y >> bit & 1);
        along = along << 2 | u64::from((3 * right) ^ up);
        if up == 0 {
            if right == 1 {
                (x, y) = (!x, !y);
            }
            (x, y) = (y, x);
        }
    }
    along
}

/// A tree as it lies in a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TreeView<'t> {
    boxes: &'t [TreeBox],
    leaves: &'t [Leaf],
}

impl<'t> TreeView<'t> {
    pub(crate) const fn new(boxes: &'t [TreeBox], leaves: &'t [Leaf]) -> Self {
        Self { boxes, leaves }
    }

    /// Whether there are leaves, and as many boxes as they need.
    pub(crate) fn is_complete(&self) -> bool {
        !self.leaves.is_empty() && self.levels().last().is_some_and(|(first, count)| first + count == self.boxes.len())
    }

    /// Where each level begins and how many boxes it has, from the lowest.
    fn levels(&self) -> Vec<(usize, usize)> {
        let mut levels = Vec::with_capacity(12);
        let (mut first, mut count) = (0, self.leaves.len().div_ceil(FANOUT));
        while count > 0 {
            levels.push((first, count));
            if count == 1 {
                break;
            }
            first += count;
            count = count.div_ceil(FANOUT);
        }
        levels
    }

    /// Shows leaves to `visit`, nearer boxes first. It returns the square of the distance beyond which nothing matters
    /// any more.
    pub(crate) fn near(&self, at: Point, scale: Scale, mut limit2: f64, mut visit: impl FnMut(&Leaf) -> f64) {
        let levels = self.levels();
        let Some(top) = levels.len().checked_sub(1) else {
            return;
        };
        // Distance, level, box within its level; the nearest on top.
        let mut open = Vec::with_capacity(64);
        open.push((0.0, top, 0));
        while let Some((distance2, level, number)) = open.pop() {
            if distance2 > limit2 {
                continue;
            }
            let first_child = number * FANOUT;
            let Some(below) = level.checked_sub(1) else {
                for leaf in self.leaves.iter().skip(first_child).take(FANOUT) {
                    limit2 = limit2.min(visit(leaf));
                }
                continue;
            };
            let Some(&(first, count)) = levels.get(below) else {
                continue;
            };
            let before = open.len();
            let until = (first_child + FANOUT).min(count);
            let boxes = self.boxes.get(first + first_child..first + until).unwrap_or_default();
            for (child, tree_box) in boxes.iter().enumerate() {
                let distance2 = tree_box.distance2(at, scale);
                if distance2 <= limit2 {
                    open.push((distance2, below, first_child + child));
                }
            }
            if let Some(children) = open.get_mut(before..) {
                children.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
            }
        }
    }
}
