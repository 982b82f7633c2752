//! What the scorer of the test set says, and how often an answer of some confidence is right.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::parsed;
use crate::failure::{Context, Result};

/// The scorer's findings.
#[derive(Clone, Debug, Default)]
pub(super) struct Score(Value);

impl Score {
    pub(super) fn read(path: &Path) -> Result<Self> {
        Ok(Self(parsed(&fs::read_to_string(path).context(|| format!("cannot read {}", path.display()))?)?))
    }

    /// Names of the variants, in the order of the questions.
    pub(super) fn variants(&self) -> Vec<&str> {
        let variants = self.0.get("variants").and_then(Value::as_object);
        variants.into_iter().flat_map(|variants| variants.keys().map(String::as_str)).collect()
    }

    /// A figure of a variant, or of all questions that have an answer (`match`).
    pub(super) fn get(&self, variant: &str, metric: &str) -> Option<f64> {
        let block = self.0.get("variants").and_then(|variants| variants.get(variant)).or_else(|| self.0.get(variant));
        block?.get(metric)?.as_f64()
    }
}

/// A figure to be reached: `exact_full:hit50=0.995`, `nonsense:fp<=0`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Goal {
    pub(super) variant: String,
    pub(super) metric: String,
    pub(super) value: f64,
    pub(super) is_limit: bool,
}

impl Goal {
    pub(super) fn parse(line: &str) -> Option<Self> {
        let (variant, rest) = line.trim().split_once(':')?;
        let (metric, value) = rest.split_once('=')?;
        let (variant, is_limit) = (variant.to_owned(), metric.ends_with('<'));
        Some(Self { variant, metric: metric.trim_end_matches('<').to_owned(), value: value.parse().ok()?, is_limit })
    }

    pub(super) fn is_reached(&self, figure: f64) -> bool {
        if self.is_limit { figure <= self.value } else { figure >= self.value }
    }
}

/// Answers by confidence in tenths: how many there are and how many are right.
#[derive(Clone, Debug, Default)]
pub(super) struct Calibration {
    pub(super) tenths: [(u32, u32); 10],
    /// Answers of 0.7 and more that are wrong, and all questions.
    pub(super) wrong: u32,
    pub(super) questions: u32,
}

/// An answer within this is right, as it is to the scorer where it counts what is confidently wrong.
const RIGHT_WITHIN_M: f64 = 200.0;

impl Calibration {
    pub(super) fn add(&mut self, questions: &Path, answers: &Path) -> Result<()> {
        let lines = |path: &Path| -> Result<Vec<Value>> {
            let text = fs::read_to_string(path).context(|| format!("cannot read {}", path.display()))?;
            text.lines().map(parsed).collect()
        };
        let id = |line: &Value| line.get("id").map(Value::to_string).unwrap_or_default();
        let answers: HashMap<String, Value> = lines(answers)?.into_iter().map(|line| (id(&line), line)).collect();
        for question in lines(questions)? {
            if let Some(answer) = answers.get(&id(&question)) {
                self.count(&question, answer);
            }
        }
        Ok(())
    }

    fn count(&mut self, question: &Value, answer: &Value) {
        self.questions += 1;
        let number = |key: &str| answer.get(key).and_then(Value::as_f64);
        let (Some(lat), Some(lng), Some(confidence)) = (number("lat"), number("lon"), number("confidence")) else {
            return;
        };
        let within_m = question.get("tol_m").and_then(Value::as_f64).unwrap_or_default().max(RIGHT_WITHIN_M);
        let spots = question.get("alts").and_then(Value::as_array).into_iter().flatten();
        let is_near = |spot: &Value| {
            let at = |index: usize| spot.get(index).and_then(Value::as_f64);
            at(0).zip(at(1)).is_some_and(|spot| distance_m((lat, lng), spot) <= within_m)
        };
        let is_right = question.get("expect").and_then(Value::as_str) == Some("match") && spots.clone().any(is_near);
        if let Some((all, right)) = self.tenths.get_mut(((confidence * 10.0) as usize).min(9)) {
            *all += 1;
            *right += u32::from(is_right);
        }
        self.wrong += u32::from(confidence >= 0.7 && !is_right);
    }
}

/// Along a great circle of the mean earth.
fn distance_m(a: (f64, f64), b: (f64, f64)) -> f64 {
    let [(a_lat, a_lng), (b_lat, b_lng)] = [a, b].map(|(lat, lng)| (lat.to_radians(), lng.to_radians()));
    let half = |angle: f64| (angle / 2.0).sin().powi(2);
    let chord = half(b_lat - a_lat) + a_lat.cos() * b_lat.cos() * half(b_lng - a_lng);
    2.0 * 6_371_008.8 * chord.min(1.0).sqrt().asin()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn goals_are_read() {
        let goal = Goal::parse("wrong_city:fp<=0.01").unwrap();
        assert!(goal.is_limit && goal.is_reached(0.01) && !goal.is_reached(0.02));
        let goal = Goal::parse("typo1:hit50=0.96").unwrap();
        assert!(!goal.is_limit && goal.metric == "hit50" && !goal.is_reached(0.95));
        assert_eq!(Goal::parse(""), None);
    }

    #[test]
    fn answers_are_right_near_any_of_the_positions() {
        let question = json!({ "expect": "match", "alts": [[0.0, 0.0], [1.0, 1.0]], "tol_m": 50 });
        let mut calibration = Calibration::default();
        calibration.count(&question, &json!({ "lat": 1.0, "lon": 1.001, "confidence": 0.95 }));
        calibration.count(&question, &json!({ "lat": 1.0, "lon": 1.01, "confidence": 0.75 }));
        calibration.count(&question, &json!({ "lat": null, "lon": null, "confidence": null }));
        assert_eq!((calibration.tenths[9], calibration.tenths[7]), ((1, 1), (1, 0)));
        assert_eq!((calibration.wrong, calibration.questions), (1, 3));
    }
}
