use std::cmp::Ordering;

/// How much a stop matters, as its client said it.
///
/// The raw value is kept and echoed; only [`importance_order`](Self::importance_order) compares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Priority {
    raw: f64,
    scale: PriorityScale,
}

/// Which way a priority counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriorityScale {
    /// The Integration API's: lower is more important, any number.
    LowerFirst,
    /// EasyRoutes': 1 (low) to 10 (high), 0 is unset and counts as 5.
    OneToTen,
}

/// What 0 stands for on EasyRoutes' scale.
const UNSET: f64 = 5.0;

impl Priority {
    /// A priority on the Integration API's scale; `None` where it is not finite.
    #[must_use]
    pub fn lower_first(raw: f64) -> Option<Self> {
        raw.is_finite().then_some(Self { raw: raw + 0.0, scale: PriorityScale::LowerFirst })
    }

    /// A priority on EasyRoutes' scale; `None` above 10.
    #[must_use]
    pub fn one_to_ten(raw: u8) -> Option<Self> {
        (raw <= 10).then_some(Self { raw: f64::from(raw), scale: PriorityScale::OneToTen })
    }

    /// The value as given.
    #[must_use]
    pub const fn raw(self) -> f64 {
        self.raw
    }

    /// The scale it was given on.
    #[must_use]
    pub const fn scale(self) -> PriorityScale {
        self.scale
    }

    /// `Greater` where `self` is more important than `other`. A route may hold stops from several doors: what is unset on
    /// either scale is equally important.
    #[must_use]
    pub fn importance_order(self, other: Self) -> Ordering {
        self.importance().total_cmp(&other.importance())
    }

    fn importance(self) -> f64 {
        match self.scale {
            // Not its negative: that of 0 comes before 0.
            PriorityScale::LowerFirst => 0.0 - self.raw,
            PriorityScale::OneToTen if self.raw == 0.0 => 0.0,
            PriorityScale::OneToTen => self.raw - UNSET,
        }
    }
}

/// 0 on the Integration API's scale.
impl Default for Priority {
    fn default() -> Self {
        Self { raw: 0.0, scale: PriorityScale::LowerFirst }
    }
}

impl PriorityScale {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LowerFirst => "lower_first",
            Self::OneToTen => "one_to_ten",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(important: Option<Priority>, other: Option<Priority>, expected: Ordering) {
        let (important, other) = (important.expect("a priority"), other.expect("a priority"));
        assert_eq!(important.importance_order(other), expected);
    }

    #[test]
    fn lower_is_more_important_on_one_scale_and_less_on_the_other() {
        check(Priority::lower_first(1.0), Priority::lower_first(2.0), Ordering::Greater);
        check(Priority::lower_first(-1.0), Some(Priority::default()), Ordering::Greater);
        check(Priority::one_to_ten(1), Priority::one_to_ten(2), Ordering::Less);
    }

    #[test]
    fn what_is_unset_is_as_important_on_either_scale() {
        check(Some(Priority::default()), Priority::one_to_ten(0), Ordering::Equal);
        check(Some(Priority::default()), Priority::one_to_ten(4), Ordering::Greater);
        check(Priority::one_to_ten(6), Some(Priority::default()), Ordering::Greater);
        check(Priority::lower_first(-1.0), Priority::one_to_ten(5), Ordering::Greater);
    }

    #[test]
    fn unset_counts_as_five_and_eleven_is_refused() {
        check(Priority::one_to_ten(0), Priority::one_to_ten(5), Ordering::Equal);
        assert_eq!(Priority::one_to_ten(11), None);
        assert_eq!(Priority::lower_first(f64::NAN), None);
    }
}
