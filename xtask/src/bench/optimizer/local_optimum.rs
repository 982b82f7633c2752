//! Whether a simple move makes a path better: a check of the solver that shares nothing with it.

#![expect(clippy::indexing_slicing, reason = "positions stay within the path, nodes were looked up before")]

use serde_json::Value;

/// Longest segment that is moved on its own and turned round (or-opt).
const LONGEST_TURNED: usize = 3;

/// Reads problem and answer in the neutral format. `None` if the problem has no matrix, if it has more than cost to
/// it (windows, several vehicles), or if the answer is no path over it.
///
/// Cost: O(n³) in nodes.
pub(super) fn is_improvable(problem: &Value, answer: &Value) -> Option<bool> {
    if !["tsp", "path_tsp"].contains(&problem.get("kind")?.as_str()?) {
        return None;
    }
    let row = |row: &Value| row.as_array()?.iter().map(Value::as_i64).collect::<Option<Vec<_>>>();
    let matrix = problem.get("durations")?.as_array()?.iter().map(row).collect::<Option<Vec<_>>>()?;
    let [route] = answer.get("routes")?.as_array()?.as_slice() else { return None };
    let node = |node: &Value| node.as_u64().and_then(|node| usize::try_from(node).ok()).filter(|&n| n < matrix.len());
    let route = route.as_array()?.iter().map(node).collect::<Option<Vec<_>>>()?;
    let is_square = matrix.iter().all(|row| row.len() == matrix.len());
    // An open end may be joined by further moves at the end; they are not looked at.
    is_square.then(|| improves(&matrix, &route))
}

/// Whether a 2-opt move, an or-opt move or an exchange of neighbouring segments (or-3opt) lowers the cost. First and last
/// stop stay.
fn improves(matrix: &[Vec<i64>], route: &[usize]) -> bool {
    let len = route.len();
    if len < 4 {
        return false;
    }
    let arc = |from: usize, to: usize| matrix[route[from]][route[to]];
    // Cost from the first stop to each, along the path and against it.
    let mut along = vec![0; len];
    let mut against = vec![0; len];
    for at in 1..len {
        along[at] = along[at - 1] + arc(at - 1, at);
        against[at] = against[at - 1] + arc(at, at - 1);
    }
    let turned = |from: usize, to: usize| against[to] - against[from] - (along[to] - along[from]);
    for first in 1..len - 1 {
        for last in first..len - 1 {
            let opened = arc(first - 1, first) + arc(last, last + 1);
            if arc(first - 1, last) + arc(first, last + 1) + turned(first, last) < opened {
                return true;
            }
            // The segment and the one after it, up to `end`, change places.
            for end in last + 1..len - 1 {
                let opened = opened + arc(end, end + 1);
                let (left, right) = ((first, last), (last + 1, end));
                let joined = |a: usize, b: usize, c: usize, d: usize| arc(first - 1, a) + arc(b, c) + arc(d, end + 1);
                let short = |(from, to): (usize, usize)| to - from < LONGEST_TURNED;
                let exchanged = joined(right.0, right.1, left.0, left.1);
                let left_turned = joined(right.0, right.1, left.1, left.0) + turned(left.0, left.1);
                let right_turned = joined(right.1, right.0, left.0, left.1) + turned(right.0, right.1);
                let betters =
                    exchanged < opened || short(left) && left_turned < opened || short(right) && right_turned < opened;
                if betters {
                    return true;
                }
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Stops on a line: any order but the sorted one can be bettered.
    fn line(len: i64) -> Vec<Vec<i64>> {
        (0..len).map(|a| (0..len).map(|b| (a - b).abs()).collect()).collect()
    }

    #[test]
    fn every_simple_move_is_found() {
        let check = |route: &[usize], expected| assert_eq!(improves(&line(8), route), expected, "{route:?}");
        check(&[0, 1, 2, 3, 4, 5, 6, 7], false);
        check(&[0, 1, 5, 4, 3, 2, 6, 7], true);
        check(&[0, 2, 3, 1, 4, 5, 6, 7], true);
        check(&[0, 4, 5, 6, 1, 2, 3, 7], true);
    }

    #[test]
    fn direction_counts() {
        // A ring of one-way streets: against it everything is dear.
        let ring: Vec<Vec<i64>> = (0..6_i64).map(|a| (0..6_i64).map(|b| (b - a).rem_euclid(6)).collect()).collect();
        assert!(!improves(&ring, &[0, 1, 2, 3, 4, 5]));
        assert!(improves(&ring, &[0, 3, 4, 1, 2, 5]));
    }

    #[test]
    fn only_plain_paths_are_judged() {
        let problem = |kind: &str| json!({ "kind": kind, "durations": line(5) });
        let answer = json!({ "routes": [[0, 2, 1, 3, 4]] });
        assert_eq!(is_improvable(&problem("path_tsp"), &answer), Some(true));
        assert_eq!(is_improvable(&problem("path_tsptw"), &answer), None);
        assert_eq!(is_improvable(&json!({ "kind": "tsp", "coords": [] }), &answer), None);
        assert_eq!(is_improvable(&problem("tsp"), &json!({ "routes": [[0, 9]] })), None);
    }
}
