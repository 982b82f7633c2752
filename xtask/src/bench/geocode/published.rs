//! What others have published about their geocoders. Other data, other machines, other questions: not to be compared line
//! by line.

/// Who, on what, size on disk, memory, time to build, answers, and where it is said.
pub(super) const PUBLISHED: [[&str; 7]; 6] = [
    [
        "Nominatim 4.0",
        "planet",
        "900 GB",
        "64 GB recommended",
        "2 days",
        "not published",
        "<https://nominatim.org/release-docs/4.0/admin/Installation>",
    ],
    [
        "Photon",
        "planet",
        "95 GB",
        "64 GB recommended",
        "not published",
        "not published",
        "<https://github.com/komoot/photon>",
    ],
    [
        "Pelias",
        "planet, 600 million documents",
        "350 GB",
        "not published",
        "19 h on 36 cores",
        "not published",
        "<https://github.com/pelias/documentation/blob/master/full_planet_considerations.md>",
    ],
    [
        "Pelias, as measured by Cairn",
        "Switzerland",
        "not published",
        "34 times Cairn's",
        "not published",
        "p99 77 times Cairn's, a 159th of its rate",
        "<https://cairn-geocoder.github.io/cairn/>",
    ],
    [
        "Cairn 0.1",
        "Switzerland",
        "50 MB for Liechtenstein",
        "80 MB",
        "24 s",
        "p99 0.74 ms, 57,500 a second at its peak, over HTTP",
        "<https://cairn-geocoder.github.io/cairn/>",
    ],
    [
        "addok",
        "France",
        "in memory",
        "16 GB",
        "not published",
        "30 ms on average, 2,000 a second on 6 cores",
        "<https://speakerdeck.com/yohanboniface/addok-presentation>",
    ],
];
