//! From bytes to a problem, its answer and the verdict; shared with the fuzz target.

use crate::drawn::{Bytes, Size, fleet, with};
use routemate_optimizer::{Budget, check, solve};

/// Draws a problem of any size and kind, solves it in some rounds, or in none because somebody asked to stop, and insists that
/// the answer is right.
pub(crate) fn judge(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let visits = [3, 8, 14, 30][bytes.up_to(3) as usize];
    let vehicles = 1 + bytes.up_to(4);
    // Most often such that everything matters a little; at times so long that it runs past the end of time.
    let longest = match bytes.up_to(15) {
        0..=5 => 12,
        6..=11 => 90,
        12..=14 => 4_000,
        _ => 600_000_000,
    };
    let kinds = match bytes.up_to(3) {
        0 => with::EVERYTHING,
        _ => (bytes.up_to(u32::MAX) | bytes.up_to(u32::MAX)) & with::EVERYTHING,
    };
    let budget = Budget::of_iterations(u64::from(bytes.up_to(40)));
    if bytes.up_to(15) == 15 {
        budget.stop.stop();
    }
    let seed = u64::from(bytes.up_to(u32::MAX));
    let fleet = fleet(&mut bytes, Size { visits, vehicles, longest }, kinds);
    match fleet.problem() {
        Ok(problem) => {
            let solution = solve(&problem, &budget, seed);
            assert_eq!(check(&problem, &solution), Ok(()), "{fleet:?}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
