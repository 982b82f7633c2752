use std::fmt;
use std::str::FromStr;

use crate::rules::{BICYCLE, CAR, Rules, TRUCK};

/// What kind of vehicle a graph is for: which roads it may take and how fast it is on them.
///
/// A graph file is for one of them. Who needs several builds a file for each from the same extracts and keeps them side
/// by side, by [`Profile::file_name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Profile {
    /// A car, or a van up to 3.5 t.
    #[default]
    Car,
    /// A rigid lorry of 18 t on two axles: 4.0 m high, 2.55 m wide, 12 m long.
    Truck,
    /// A bicycle or cargo bike, pushed where it may not be ridden.
    Bicycle,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Car, Self::Truck, Self::Bicycle];

    /// Its name in files and on the command line.
    ///
    /// ```
    /// use routemate_roads::Profile;
    ///
    /// assert_eq!(Profile::Truck.as_str(), "truck");
    /// assert_eq!("bicycle".parse(), Ok(Profile::Bicycle));
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Car => "car",
            Self::Truck => "truck",
            Self::Bicycle => "bicycle",
        }
    }

    /// What its graph file is called in the folder of a map.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Car => "car.roads",
            Self::Truck => "truck.roads",
            Self::Bicycle => "bicycle.roads",
        }
    }

    /// What tags mean for it.
    pub(crate) const fn rules(self) -> &'static Rules {
        match self {
            Self::Car => &CAR,
            Self::Truck => &TRUCK,
            Self::Bicycle => &BICYCLE,
        }
    }

    /// What stands for it in the header of a graph file; never 0.
    pub(crate) const fn code(self) -> u32 {
        match self {
            Self::Car => 1,
            Self::Truck => 2,
            Self::Bicycle => 3,
        }
    }

    pub(crate) fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.code() == code)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.pad(self.as_str())
    }
}

/// There is no profile of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no profile: choose `car`, `truck` or `bicycle`")]
pub struct UnknownProfile {
    /// The name.
    pub name: String,
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        let found = Self::ALL.into_iter().find(|profile| profile.as_str() == name);
        found.ok_or_else(|| UnknownProfile { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_lead_back() {
        for profile in Profile::ALL {
            assert_eq!(profile.as_str().parse(), Ok(profile));
            assert_eq!(Profile::from_code(profile.code()), Some(profile));
            assert_eq!(profile.file_name(), format!("{profile}.roads"));
        }
        assert_eq!(Profile::from_code(0), None);
    }

    #[test]
    fn unknown_name_is_told_what_there_is() {
        let error = "Car".parse::<Profile>().unwrap_err().to_string();
        assert!(error.starts_with("`Car` is no profile"));
        for profile in Profile::ALL {
            assert!(error.contains(&format!("`{profile}`")), "{error}");
        }
    }
}
