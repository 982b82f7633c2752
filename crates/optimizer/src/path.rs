//! A path as an array, with the moves that searches are made of and their undoing.
#![expect(
    clippy::indexing_slicing,
    reason = "the innermost loops; positions and nodes are below `count` by construction"
)]

use crate::model::Model;
use crate::touched::Touched;

pub(crate) struct Path<'m> {
    pub(crate) model: &'m Model,
    order: Vec<u32>,
    position: Vec<u32>,
    /// Per position: what the arc into it costs more when driven the other way. Empty on symmetric costs.
    arc_skew: Vec<i64>,
    /// Prefix sums of `arc_skew`: reversing positions a..=b costs `skew[b] - skew[a]` more.
    skew: Vec<i64>,
    journal: Vec<Change>,
    pub(crate) touched: Touched,
}

/// A change of the path between two positions.
#[derive(Clone, Copy)]
pub(crate) struct Move {
    pub(crate) first: usize,
    /// Where the left of two blocks that change places ends; `last` for a reversal.
    pub(crate) middle: usize,
    pub(crate) last: usize,
    pub(crate) turn: Turn,
}

/// Which block is also turned around.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Neither,
    Left,
    Right,
    /// There is one block, which is only turned.
    Whole,
}

impl Move {
    /// Turns first..=last around.
    pub(crate) const fn reversal(first: usize, last: usize) -> Self {
        Self { first, middle: last, last, turn: Turn::Whole }
    }

    /// Exchanges first..=middle and middle + 1..=last.
    pub(crate) const fn exchange(first: usize, middle: usize, last: usize) -> Self {
        Self { first, middle, last, turn: Turn::Neither }
    }
}

#[derive(Clone, Copy)]
enum Change {
    Swapped { first: usize, middle: usize, last: usize },
    Reversed { first: usize, last: usize },
}

impl<'m> Path<'m> {
    /// `tracks_skew`: whether [`reversal_skew`](Self::reversal_skew) will be asked for.
    pub(crate) fn new(model: &'m Model, order: Vec<u32>, tracks_skew: bool) -> Self {
        let count = order.len();
        let skewed = if tracks_skew && !model.is_symmetric { count } else { 0 };
        let mut path = Self {
            model,
            order,
            position: vec![0; count],
            arc_skew: vec![0; skewed],
            skew: vec![0; skewed],
            journal: Vec::new(),
            touched: Touched::none_of(count),
        };
        path.number(0, count - 1);
        if skewed > 0 {
            for at in 1..count {
                path.measure_skew(at);
            }
            path.sum_skew(1, count - 1);
        }
        path
    }

    pub(crate) fn count(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn order(&self) -> &[u32] {
        &self.order
    }

    #[inline]
    pub(crate) fn at(&self, position: usize) -> usize {
        self.order[position] as usize
    }

    #[inline]
    pub(crate) fn position(&self, node: usize) -> usize {
        self.position[node] as usize
    }

    #[inline]
    pub(crate) fn arc(&self, from: usize, to: usize) -> i64 {
        self.model.arc(from, to)
    }

    pub(crate) fn cost(&self) -> i64 {
        self.order.windows(2).map(|pair| self.arc(pair[0] as usize, pair[1] as usize)).sum()
    }

    /// What the arcs within positions first..=last cost more when driven the other way.
    #[inline]
    pub(crate) fn reversal_skew(&self, first: usize, last: usize) -> i64 {
        if self.skew.is_empty() { 0 } else { self.skew[last] - self.skew[first] }
    }

    /// Does a move and touches the nodes at its seams.
    pub(crate) fn apply(&mut self, step: Move) {
        let Move { first, middle, last, turn } = step;
        match turn {
            Turn::Neither => {}
            Turn::Left => self.reverse(first, middle),
            Turn::Right => self.reverse(middle + 1, last),
            Turn::Whole => {
                self.reverse(first, last);
                self.touch(&[first - 1, first, last, last + 1]);
                return;
            }
        }
        self.swap_blocks(first, middle, last);
        let seam = first + last - middle;
        self.touch(&[first - 1, first, seam - 1, seam, last, last + 1]);
    }

    /// Exchanges the neighbouring blocks first..=middle and middle + 1..=last.
    fn swap_blocks(&mut self, first: usize, middle: usize, last: usize) {
        self.journal.push(Change::Swapped { first, middle, last });
        self.apply_swap(first, middle, last);
    }

    /// Turns positions first..=last around.
    fn reverse(&mut self, first: usize, last: usize) {
        self.journal.push(Change::Reversed { first, last });
        self.apply_reverse(first, last);
    }

    /// Takes back every change since the last [`commit`](Self::commit).
    pub(crate) fn undo(&mut self) {
        while let Some(change) = self.journal.pop() {
            match change {
                Change::Swapped { first, middle, last } => self.apply_swap(first, first + last - middle - 1, last),
                Change::Reversed { first, last } => self.apply_reverse(first, last),
            }
        }
    }

    /// Keeps every change so far.
    pub(crate) fn commit(&mut self) {
        self.journal.clear();
    }

    /// Marks the nodes at these positions to be looked at again; positions outside the path are ignored.
    fn touch(&mut self, positions: &[usize]) {
        for &position in positions {
            if let Some(&node) = self.order.get(position) {
                self.touched.add(node);
            }
        }
    }

    fn apply_swap(&mut self, first: usize, middle: usize, last: usize) {
        let left = middle + 1 - first;
        self.order[first..=last].rotate_left(left);
        self.number(first, last);
        if !self.skew.is_empty() {
            self.arc_skew[first..=last].rotate_left(left);
            self.measure_skew(first);
            self.measure_skew(first + last - middle);
            self.measure_skew(last + 1);
            self.sum_skew(first, last + 1);
        }
    }

    fn apply_reverse(&mut self, first: usize, last: usize) {
        self.order[first..=last].reverse();
        self.number(first, last);
        if !self.skew.is_empty() {
            self.arc_skew[first + 1..=last].reverse();
            for skew in &mut self.arc_skew[first + 1..=last] {
                *skew = -*skew;
            }
            self.measure_skew(first);
            self.measure_skew(last + 1);
            self.sum_skew(first, last + 1);
        }
    }

    fn number(&mut self, first: usize, last: usize) {
        for (position, &node) in (first as u32..).zip(&self.order[first..=last]) {
            self.position[node as usize] = position;
        }
    }

    fn measure_skew(&mut self, position: usize) {
        let (a, b) = (self.at(position - 1), self.at(position));
        // Nothing that starts at the first or ends at the last position is ever turned around.
        let is_inner = position > 1 && position + 1 < self.order.len();
        self.arc_skew[position] = if is_inner { self.arc(b, a) - self.arc(a, b) } else { 0 };
    }

    /// Sums first..=last anew and shifts what follows.
    fn sum_skew(&mut self, first: usize, last: usize) {
        let before = self.skew[last];
        let mut sum = self.skew[first - 1];
        for (skew, arc) in self.skew[first..=last].iter_mut().zip(&self.arc_skew[first..=last]) {
            sum += arc;
            *skew = sum;
        }
        let shift = sum - before;
        if shift != 0 {
            for skew in &mut self.skew[last + 1..] {
                *skew += shift;
            }
        }
    }
}
