//! On which side of the road a place drives.

use crate::geodesy::{PER_DEGREE, Point};

/// The side of the road that is driven on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// South, west, north, east in degrees, and the side in force there. The first that holds a place decides; where none
/// does it is right.
///
/// Boxes are coarse: they cut corners off seas and empty land, and where a land border is between the sides, boxes of
/// the right-hand side come first. A `driving_side` tag on a way goes before this table.
///
/// Source of who drives left: OpenStreetMap wiki, Key:driving_side and "List of countries driving on the left";
/// extents by own reading of the map.
const PLACES: &[([f64; 4], Side)] = &[
    // Great Britain, Ireland, Man, Channel Islands; not the Cotentin, the Pas de Calais and Belgium.
    ([48.40, -1.95, 49.75, 2.00], Side::Right),
    ([50.00, 1.55, 51.10, 3.50], Side::Right),
    ([49.00, -11.0, 61.00, 1.80], Side::Left),
    // Malta, Cyprus.
    ([35.75, 14.10, 36.15, 14.65], Side::Left),
    ([34.50, 32.20, 35.75, 34.65], Side::Left),
    // Japan; not Korea, Sakhalin and the Kurils.
    ([33.90, 124.0, 39.00, 129.60], Side::Right),
    ([45.55, 141.0, 50.00, 150.00], Side::Right),
    ([43.40, 145.60, 46.00, 150.00], Side::Right),
    ([24.00, 122.90, 45.60, 146.00], Side::Left),
    // Hong Kong and Macau within China.
    ([22.14, 113.82, 22.52, 114.45], Side::Left),
    ([22.10, 113.52, 22.22, 113.60], Side::Left),
    // Pakistan, India, Nepal, Bhutan, Bangladesh, Sri Lanka, the Maldives; not Iran, Afghanistan, Tibet and Myanmar.
    ([25.00, 55.00, 37.50, 61.60], Side::Right),
    ([29.90, 60.00, 37.50, 66.30], Side::Right),
    ([31.80, 66.00, 37.50, 69.30], Side::Right),
    ([34.50, 69.00, 39.00, 71.20], Side::Right),
    ([30.50, 80.50, 39.00, 100.0], Side::Right),
    ([28.40, 85.00, 31.00, 92.00], Side::Right),
    ([9.50, 94.30, 23.90, 98.20], Side::Right),
    ([23.80, 95.00, 28.50, 101.0], Side::Right),
    ([5.50, 60.80, 37.00, 97.00], Side::Left),
    ([-1.00, 72.50, 7.50, 74.00], Side::Left),
    // Thailand, Malaysia, Singapore, Brunei, Indonesia, East Timor, Papua New Guinea; not Laos, Cambodia, Vietnam, the
    // Philippines.
    ([17.92, 102.0, 18.60, 103.1], Side::Right),
    ([18.60, 100.9, 22.00, 108.0], Side::Right),
    ([14.50, 105.2, 18.20, 110.0], Side::Right),
    ([8.00, 102.9, 14.60, 110.0], Side::Right),
    ([7.40, 116.7, 21.50, 127.0], Side::Right),
    ([5.00, 119.3, 7.50, 127.0], Side::Right),
    ([5.60, 97.30, 20.50, 105.7], Side::Left),
    ([-11.2, 94.90, 7.45, 156.2], Side::Left),
    // Australia, New Zealand and the islands around.
    ([-48.0, 112.0, -10.0, 160.0], Side::Left),
    ([-53.0, 160.0, -34.0, 180.0], Side::Left),
    ([-45.0, -177.0, -43.0, -175.0], Side::Left),
    ([-12.5, 155.3, -5.00, 170.3], Side::Left),
    ([-22.0, 176.5, -12.0, 180.0], Side::Left),
    ([-21.0, -180.0, -15.5, -178.0], Side::Left),
    ([-24.0, -176.5, -13.2, -171.2], Side::Left),
    ([-25.2, -166.0, -8.0, -157.0], Side::Left),
    // Kenya, Uganda, Tanzania; not Rwanda, Burundi, Congo, South Sudan, Ethiopia, Somalia.
    ([-4.50, 26.00, -1.05, 30.85], Side::Right),
    ([-1.10, 26.00, 2.50, 29.58], Side::Right),
    ([3.80, 26.00, 12.00, 33.90], Side::Right),
    ([4.10, 35.90, 12.00, 48.00], Side::Right),
    ([-1.70, 41.60, 4.20, 48.00], Side::Right),
    ([-11.8, 29.30, 4.70, 41.95], Side::Left),
    // The south of Africa: Zambia, Malawi, Mozambique, Zimbabwe, Botswana, Namibia, South Africa, Lesotho, Eswatini; not
    // Angola and Congo.
    ([-17.4, 11.00, -4.00, 21.99], Side::Right),
    ([-12.3, 11.00, -4.00, 23.98], Side::Right),
    ([-11.4, 23.90, -4.00, 27.40], Side::Right),
    ([-8.20, 27.00, -4.00, 29.30], Side::Right),
    ([-35.0, 11.50, -8.20, 41.00], Side::Left),
    // Mauritius, the Seychelles, Saint Helena.
    ([-20.6, 57.20, -19.6, 63.60], Side::Left),
    ([-10.5, 46.00, -3.50, 56.50], Side::Left),
    ([-16.1, -5.90, -15.8, -5.50], Side::Left),
    // Guyana, Suriname; not Venezuela, Brazil and French Guiana.
    ([0.80, -60.0, 8.70, -53.95], Side::Left),
    // Jamaica, Cayman, the Bahamas, Turks and Caicos, the Virgin Islands, the Lesser Antilles; not the French and Dutch.
    ([14.35, -61.3, 16.60, -60.75], Side::Right),
    ([15.80, -61.85, 16.60, -60.95], Side::Right),
    ([17.65, -78.5, 18.60, -76.10], Side::Left),
    ([19.20, -81.5, 19.80, -79.70], Side::Left),
    ([20.85, -79.4, 27.40, -71.00], Side::Left),
    ([17.60, -65.1, 18.80, -64.20], Side::Left),
    ([18.15, -63.2, 18.30, -62.90], Side::Left),
    ([16.60, -62.95, 17.80, -61.60], Side::Left),
    ([9.95, -61.95, 15.70, -59.30], Side::Left),
    ([32.20, -64.95, 32.45, -64.60], Side::Left),
    // The Falklands.
    ([-52.6, -61.5, -50.9, -57.60], Side::Left),
];

/// The side driven on at a place.
pub(crate) fn side_at(point: Point) -> Side {
    let (lat, lng) = (f64::from(point.lat) / PER_DEGREE, f64::from(point.lng) / PER_DEGREE);
    let holds = |&&([south, west, north, east], _): &&([f64; 4], Side)| {
        (south..=north).contains(&lat) && (west..=east).contains(&lng)
    };
    PLACES.iter().find(holds).map_or(Side::Right, |(_, side)| *side)
}

#[cfg(test)]
mod tests {
    use routemate_units::LatLng;

    use super::*;

    #[track_caller]
    fn check(lat: f64, lng: f64, expected: Side) {
        assert_eq!(side_at(Point::from_position(LatLng::new(lat, lng).unwrap())), expected, "{lat},{lng}");
    }

    #[test]
    fn these_places_drive_on_the_left() {
        for (lat, lng) in [
            (51.58, -3.0),   // Newport
            (51.13, 1.31),   // Dover
            (53.35, -6.26),  // Dublin
            (49.19, -2.11),  // Saint Helier
            (35.90, 14.51),  // Valletta
            (35.17, 33.36),  // Nicosia
            (35.68, 139.69), // Tokyo
            (43.06, 141.35), // Sapporo
            (26.21, 127.68), // Naha
            (22.30, 114.17), // Hong Kong
            (28.61, 77.21),  // Delhi
            (33.68, 73.05),  // Islamabad
            (27.72, 85.32),  // Kathmandu
            (23.81, 90.41),  // Dhaka
            (6.93, 79.86),   // Colombo
            (13.76, 100.50), // Bangkok
            (18.79, 98.99),  // Chiang Mai
            (3.15, 101.69),  // Kuala Lumpur
            (-6.2, 106.8),   // Jakarta
            (-33.87, 151.2), // Sydney
            (-27.47, 153.0), // Brisbane
            (-36.85, 174.7), // Auckland
            (-18.14, 178.4), // Suva
            (-1.29, 36.82),  // Nairobi
            (0.31, 32.58),   // Kampala
            (-6.79, 39.21),  // Dar es Salaam
            (-15.4, 28.32),  // Lusaka
            (-33.92, 18.42), // Cape Town
            (-22.56, 17.08), // Windhoek
            (-20.16, 57.50), // Port Louis
            (18.0, -76.79),  // Kingston
            (13.10, -59.61), // Bridgetown
            (6.80, -58.16),  // Georgetown
        ] {
            check(lat, lng, Side::Left);
        }
    }

    #[test]
    fn these_places_drive_on_the_right() {
        for (lat, lng) in [
            (60.17, 24.94),   // Helsinki
            (45.46, 9.19),    // Milan
            (50.95, 1.86),    // Calais
            (49.63, -1.62),   // Cherbourg
            (48.39, -4.49),   // Brest
            (50.85, 4.35),    // Brussels
            (38.12, 13.36),   // Palermo
            (37.57, 126.98),  // Seoul
            (35.18, 129.08),  // Busan
            (22.54, 114.06),  // Shenzhen
            (34.53, 69.17),   // Kabul
            (16.87, 96.20),   // Yangon
            (17.97, 102.63),  // Vientiane
            (11.56, 104.92),  // Phnom Penh
            (10.82, 106.63),  // Ho Chi Minh City
            (14.60, 120.98),  // Manila
            (9.03, 38.74),    // Addis Ababa
            (4.86, 31.57),    // Juba
            (-1.94, 30.06),   // Kigali
            (-8.84, 13.23),   // Luanda
            (40.71, -74.0),   // New York
            (25.76, -80.19),  // Miami
            (23.11, -82.37),  // Havana
            (18.47, -69.9),   // Santo Domingo
            (18.47, -66.11),  // San Juan
            (14.60, -61.07),  // Fort-de-France
            (-30.03, -51.23), // Porto Alegre
        ] {
            check(lat, lng, Side::Right);
        }
    }
}
