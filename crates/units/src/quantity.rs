use std::fmt;

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $suffix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);
            /// The largest value that can be held.
            pub const MAX: Self = Self(u32::MAX);

            /// Wraps a whole number.
            #[must_use]
            pub const fn new(value: u32) -> Self {
                Self(value)
            }

            /// Rounds to the nearest whole number; negative and NaN become zero, what is too large the maximum.
            #[must_use]
            pub fn from_f64(value: f64) -> Self {
                // A float-to-int `as` saturates and turns NaN into zero.
                Self(value.round() as u32)
            }

            /// The whole number.
            #[must_use]
            pub const fn get(self) -> u32 {
                self.0
            }

            /// The sum, or the maximum where it does not fit.
            #[must_use]
            pub const fn saturating_add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }

            /// The difference, or zero where `other` is more.
            #[must_use]
            pub const fn saturating_sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }

            /// The sum, or `None` where it does not fit.
            #[must_use]
            pub const fn checked_add(self, other: Self) -> Option<Self> {
                match self.0.checked_add(other.0) {
                    Some(sum) => Some(Self(sum)),
                    None => None,
                }
            }
        }

        /// Saturates at the maximum.
        impl std::iter::Sum for $name {
            fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
                items.fold(Self::ZERO, Self::saturating_add)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{} ", $suffix), self.0)
            }
        }
    };
}

quantity!(
    /// A distance in whole metres, up to 4 294 967 km.
    Meters,
    "m"
);
quantity!(
    /// A length of time in whole seconds, up to 136 years.
    Seconds,
    "s"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_saturate() {
        assert_eq!([Meters::MAX, Meters::new(1)].into_iter().sum::<Meters>(), Meters::MAX);
        assert_eq!(Seconds::MAX.checked_add(Seconds::new(1)), None);
    }

    #[test]
    fn floats_round_to_the_nearest_and_never_wrap() {
        assert_eq!(Meters::from_f64(1.5), Meters::new(2));
        assert_eq!(Meters::from_f64(-3.0), Meters::ZERO);
        assert_eq!(Meters::from_f64(f64::NAN), Meters::ZERO);
        assert_eq!(Meters::from_f64(1e20), Meters::MAX);
    }
}
