use std::fmt;

/// What kind of vehicle is driven: which roads it may take, and how fast it is on them.
///
/// ```
/// use routemate_units::VehicleKind;
/// assert_eq!(VehicleKind::Truck.as_str(), "truck");
/// assert_eq!(VehicleKind::default(), VehicleKind::Car);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum VehicleKind {
    /// A car, or a van that may go where cars may.
    #[default]
    Car,
    /// A lorry, whose height, weight and length count.
    Truck,
    /// A bicycle or cargo bike.
    Bicycle,
}

impl VehicleKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Car, Self::Truck, Self::Bicycle];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Car => "car",
            Self::Truck => "truck",
            Self::Bicycle => "bicycle",
        }
    }
}

/// The stable name.
impl fmt::Display for VehicleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
