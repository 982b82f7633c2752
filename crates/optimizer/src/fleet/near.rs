//! For each visit those that are near it.
#![expect(clippy::indexing_slicing, reason = "lists have `size` cells for each visit")]

use crate::fleet::model::{FORBIDDEN, Model};
use crate::pace::Pace;

pub(crate) struct Near {
    size: usize,
    lists: Vec<u32>,
}

impl Near {
    /// The `size` nearest visits of each, nearest first: by the cheaper of the two ways. O(n²); `None` where the time ran
    /// out.
    pub(crate) fn of(model: &Model, size: usize, pace: &Pace<'_>) -> Option<Self> {
        let visits = model.visits;
        let size = size.min(visits.saturating_sub(1));
        let mut lists = Vec::with_capacity(visits * size);
        let mut row: Vec<(u32, u32)> = Vec::with_capacity(visits);
        for visit in 0..visits {
            if visit % 16 == 0 && pace.is_over() {
                return None;
            }
            let onward = &model.onward(visit)[..visits];
            row.clear();
            match model.back(visit) {
                Some(back) => {
                    row.extend(onward.iter().zip(back).enumerate().map(|(at, (a, b))| (*a.min(b), at as u32)));
                }
                None => row.extend(onward.iter().enumerate().map(|(at, &a)| (a.min(model.cost(at, visit)), at as u32))),
            }
            row.swap_remove(visit);
            if size > 0 && size < row.len() {
                row.select_nth_unstable(size - 1);
            }
            row.truncate(size);
            row.sort_unstable();
            lists.extend(row.iter().map(|&(key, other)| if key == FORBIDDEN { visit as u32 } else { other }));
        }
        Some(Self { size, lists })
    }

    /// Lists without anybody.
    pub(crate) const fn nobody() -> Self {
        Self { size: 0, lists: Vec::new() }
    }

    #[inline]
    pub(crate) fn of_visit(&self, visit: usize) -> &[u32] {
        &self.lists[visit * self.size..(visit + 1) * self.size]
    }
}
