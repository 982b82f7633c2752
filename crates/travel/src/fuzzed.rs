//! Any bytes as an encoded line, which is what servers of travel times answer: what must hold of what is read from them.
//! The fuzz target (`crates/api-routemate/fuzz`) and the tests below run the same judge, so that it never rots.
#![expect(clippy::panic, reason = "a judge stops at what is amiss")]

use crate::server::read_line;

/// A line of precision 5 or 6 is read, and then reads back from what it is written as, or it is refused with words.
pub fn judge_line(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for precision in [5, 6] {
        match read_line("fuzz", &text, precision) {
            Ok(points) => {
                let coordinates = points.iter().map(|at| (at.lng(), at.lat()).into());
                let Ok(written) = polyline::encode_coordinates(coordinates, precision) else {
                    panic!("what was read is not written: {points:?}");
                };
                let Ok(again) = read_line("fuzz", &written, precision) else {
                    panic!("what was written is not read: {points:?}");
                };
                let is_near = |one: f64, other: f64| (one - other).abs() < 1e-6;
                let mut pairs = points.iter().zip(&again);
                assert_eq!(points.len(), again.len());
                assert!(pairs.all(|(one, other)| is_near(one.lat(), other.lat()) && is_near(one.lng(), other.lng())));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_judged_whatever_they_hold() {
        // Google's own example, then the same cut off, beyond the poles, and with characters that no line has.
        for line in [
            "_p~iF~ps|U_ulLnnqC_mqNvxq`@",
            "_p~iF~ps|U_ulLnnqC_mqNvxq`",
            "_gjaR_gjaR",
            "~~~~~~~~~~~~~~~~",
            "é",
            " ",
            "",
        ] {
            judge_line(line.as_bytes());
        }
    }

    #[test]
    fn noise_is_judged() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for len in 0..2_000 {
            let bytes = (0..len % 60).map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                // Mostly what lines are made of.
                if state.is_multiple_of(31) { (state >> 24) as u8 } else { 63 + (state >> 24) as u8 % 64 }
            });
            judge_line(&bytes.collect::<Vec<_>>());
        }
    }
}
