//! Graph files and extracts made of any bytes, and everything asked of them: nothing may panic, hang or take memory that
//! the bytes do not account for. The tests and the fuzz targets share this file.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use routemate_roads::{Approach, Graph, Profile, SnapOptions, build};
use routemate_units::{LatLng, StopToken};

use crate::drawn::{Drawing, blob, header};

/// Numbers drawn from bytes; zeros once they have run out.
#[derive(Debug)]
struct Drawn<'b>(&'b [u8]);

impl Drawn<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn number(&mut self) -> u32 {
        u32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()])
    }

    fn below(&mut self, end: usize) -> usize {
        self.number() as usize % end.max(1)
    }

    fn one_of<T: Copy>(&mut self, choices: &[T], otherwise: T) -> T {
        choices.get(usize::from(self.byte()) % choices.len().max(1)).copied().unwrap_or(otherwise)
    }

    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Where the drawings are.
const LAT: f64 = 60.0;
const LNG: f64 = 22.0;

/// Asks everything there is to ask.
pub(crate) fn ask(graph: &Graph, positions: &[(f64, f64)]) {
    let positions: Vec<LatLng> = positions.iter().filter_map(|(lat, lng)| LatLng::new(*lat, *lng).ok()).collect();
    let wide = SnapOptions::new().with_radius(1e9);
    let all = [wide, wide.with_approach(Approach::Kerb), wide.with_heading(45.0, 90.0)];
    let snaps: Vec<_> = positions
        .iter()
        .zip(all.iter().cycle())
        .filter_map(|(at, options)| graph.snap_with(*at, options).ok())
        .inspect(|snap| {
            let _ = (snap.position(), snap.distance_m());
        })
        .collect();
    let _ = graph.matrix(&snaps, &StopToken::never());
    let (some, others) = snaps.split_at(snaps.len() / 2);
    let _ = graph.table(some, others, &StopToken::never());
    for pair in snaps.windows(2) {
        if let Ok(path) = graph.path(pair, &StopToken::never()) {
            let _ = (path.polyline5(), path.polyline6(), path.geometry(), path.duration(), path.distance());
        }
    }
    let _ = graph.path(&snaps, &StopToken::never());
    let _ = (graph.bounds(), graph.taken_at(), graph.edges(), graph.profile(), graph.verify());
}

/// In and around the drawings.
pub(crate) const POSITIONS: [(f64, f64); 8] = [
    (LAT, LNG),
    (LAT + 0.0015, LNG + 0.0004),
    (LAT + 0.003, LNG + 0.003),
    (LAT - 0.001, LNG + 0.0021),
    (LAT + 0.0001, LNG + 0.02),
    (0.0, 180.0),
    (90.0, -180.0),
    (-90.0, 0.0),
];

/// A town with a bit of everything: one-way streets, a roundabout, a gate, restrictions over a node and over a way.
fn town() -> Drawing {
    let mut town = Drawing::default();
    town.blocks((LAT, LNG), 3, 0.001);
    town.street(
        &[(LAT, LNG), (LAT + 0.0005, LNG - 0.0007), (LAT + 0.001, LNG)],
        &[("oneway", "yes"), ("name", "Away")],
    );
    let ring = [(0.0, 0.0), (0.0002, 0.0002), (0.0004, 0.0), (0.0002, -0.0002)]
        .map(|(north, east)| town.node(LAT + 0.005 + north, LNG + east));
    let [ring_start, ..] = ring;
    town.way(&[ring.as_slice(), &[ring_start]].concat(), &[("highway", "tertiary"), ("junction", "roundabout")]);
    let gate = town.tagged_node(LAT + 0.004, LNG, &[("barrier", "gate")]);
    let lights = town.tagged_node(LAT + 0.0035, LNG, &[("highway", "traffic_signals")]);
    // Nodes of the blocks are numbered row by row, four in each.
    let corner = 13;
    let avenue = town.way(&[corner, lights, gate, ring_start], &[("highway", "secondary"), ("maxspeed", "50")]);
    let [a, b, c] =
        [(-0.001, 0.0), (-0.001, 0.001), (0.0, 0.001)].map(|(north, east)| town.node(LAT + north - 0.001, LNG + east));
    let first = town.way(&[a, b], &[("highway", "residential"), ("access", "private")]);
    let second = town.way(&[b, c], &[("highway", "service"), ("service", "driveway")]);
    let third = town.way(&[c, 1], &[("highway", "residential"), ("surface", "gravel")]);
    let fourth = town.way(&[c, 2], &[("highway", "residential")]);
    let no_left = [("type", "restriction"), ("restriction", "no_left_turn")];
    town.relation(
        &[("from", 1, first), ("via", 0, b), ("to", 1, second)],
        &[no_left[0], ("restriction", "only_straight_on")],
    );
    town.relation(&[("from", 1, first), ("via", 1, second), ("to", 1, third)], &no_left);
    town.relation(&[("from", 1, fourth), ("via", 0, c), ("to", 1, avenue)], &no_left);
    town.way(&[a, corner + 2], &[("route", "ferry"), ("duration", "00:05")]);
    town
}

/// The extract of the town.
pub(crate) fn town_extract() -> &'static [u8] {
    static EXTRACT: LazyLock<Vec<u8>> = LazyLock::new(|| town().to_bytes());
    &EXTRACT
}

/// The graph file of the town.
pub(crate) fn town_graph() -> &'static [u8] {
    static GRAPH: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        let (extract, path) = (folder.path().join("town.osm.pbf"), folder.path().join("town.roads"));
        fs::write(&extract, town_extract()).unwrap();
        build(&[extract], Profile::Bicycle, &path, &|_| {}).unwrap();
        fs::read(path).unwrap()
    });
    &GRAPH
}

/// Opens a graph made of bytes, the first of which says how, and asks it everything.
pub(crate) fn graph(bytes: &[u8]) {
    let mut drawn = Drawn(bytes);
    let made = match drawn.byte() % 4 {
        0 => drawn.0.to_vec(),
        _ => changed(town_graph(), &mut drawn),
    };
    if let Ok(graph) = Graph::from_bytes(&made) {
        ask(&graph, &POSITIONS);
    }
}

/// The table of sections begins here, with so many bytes for each; see the documentation of the file.
const TABLE: usize = 96;
const ENTRY: usize = 32;
const HEADER_CHECKSUM: Range<usize> = 48..52;

fn read_u32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |bytes| bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

fn write_u32(bytes: &mut [u8], at: usize, number: u32) {
    if let Some(place) = bytes.get_mut(at..at + 4) {
        place.copy_from_slice(&number.to_le_bytes());
    }
}

/// Where the sections of a sound graph file lie.
pub(crate) fn sections(bytes: &[u8]) -> Vec<Range<usize>> {
    let entries = (0..read_u32(bytes, 12) as usize).map(|number| TABLE + ENTRY * number);
    let sections = entries.map(|entry| {
        let [element, offset, count] = [4, 8, 16].map(|field| read_u32(bytes, entry + field) as usize);
        offset..offset + element * count
    });
    sections.collect()
}

/// Changes sections, table and header, and signs the header again, so that only what is read can tell.
fn changed(sound: &[u8], drawn: &mut Drawn<'_>) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    let sections = sections(sound);
    for _ in 0..24 {
        if drawn.is_empty() {
            break;
        }
        match drawn.byte() % 16 {
            0 => {
                let at = drawn.below(TABLE);
                // Magic, version, sections and size are looked at before anything else.
                let number = drawn.number();
                if at >= 24 {
                    write_u32(&mut bytes, at.next_multiple_of(4), number);
                }
            }
            1 => {
                let entry = TABLE + ENTRY * drawn.below(sections.len());
                let field = drawn.one_of(&[0, 4, 8, 12, 16, 20], 0);
                let number = number_near(&sections, read_u32(&bytes, entry + field), drawn);
                write_u32(&mut bytes, entry + field, number);
            }
            2 => {
                let length = drawn.below(bytes.len());
                bytes.truncate(length.max(TABLE));
                let length = bytes.len() as u32;
                write_u32(&mut bytes, 16, length);
            }
            3 | 4 => {
                let section = sections.get(drawn.below(sections.len())).cloned().unwrap_or_default();
                let at = section.start + drawn.below(section.len());
                let change = drawn.byte();
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= change;
                }
            }
            _ => {
                let section = sections.get(drawn.below(sections.len())).cloned().unwrap_or_default();
                let at = section.start + drawn.below(section.len()) / 4 * 4;
                if at + 4 <= section.end {
                    let number = number_near(&sections, read_u32(&bytes, at), drawn);
                    write_u32(&mut bytes, at, number);
                }
            }
        }
    }
    sign(&mut bytes);
    bytes
}

/// The number itself a little off, another extreme, or about how many elements some section may have.
fn number_near(sections: &[Range<usize>], number: u32, drawn: &mut Drawn<'_>) -> u32 {
    match drawn.byte() % 6 {
        0 => number.wrapping_add(1),
        1 => number.wrapping_sub(1),
        2 => drawn.one_of(&[0, 1, u32::MAX, u32::MAX - 1, 1 << 31, 1 << 30, i32::MAX as u32], 0),
        3 => number ^ 1 << (drawn.byte() % 32),
        4 => {
            let section = sections.get(drawn.below(sections.len())).cloned().unwrap_or_default();
            (section.len() as u32 / drawn.one_of(&[1, 4, 8, 12, 20, 24], 4)).wrapping_sub(u32::from(drawn.byte() % 3))
        }
        _ => drawn.number(),
    }
}

/// Makes the checksum of header and table right.
pub(crate) fn sign(bytes: &mut [u8]) {
    let end = TABLE + ENTRY * read_u32(bytes, 12) as usize;
    if let Some(checksum) = bytes.get_mut(HEADER_CHECKSUM) {
        checksum.fill(0);
    }
    if let Some(signed) = bytes.get(..end) {
        let checksum = crc32fast::hash(signed);
        write_u32(bytes, HEADER_CHECKSUM.start, checksum);
    }
}

/// Builds from an extract made of bytes, the first of which says how, and asks what was built everything.
pub(crate) fn extract(bytes: &[u8], folder: &Path) {
    let mut drawn = Drawn(bytes);
    let kind = drawn.byte();
    let made = match kind % 4 {
        0 => drawn.0.to_vec(),
        1 => [header(), blob("OSMData", drawn.0)].concat(),
        2 => {
            let mut made = town_extract().to_vec();
            while !drawn.is_empty() {
                let (at, change) = (drawn.below(made.len()), drawn.byte());
                if let Some(byte) = made.get_mut(at) {
                    *byte ^= change;
                }
            }
            made
        }
        _ => scribbled(&mut drawn).to_bytes(),
    };
    let profile = drawn.one_of(&Profile::ALL, Profile::Car);
    let (from, to) = (folder.join("any.osm.pbf"), folder.join("any.roads"));
    fs::write(&from, made).unwrap();
    match build(std::slice::from_ref(&from), profile, &to, &|_| {}) {
        Ok(_) => {
            let graph = Graph::open(&to).unwrap();
            graph.verify().unwrap();
            ask(&graph, &POSITIONS);
        }
        Err(error) => assert!(error.to_string().contains("any.osm.pbf"), "{error} does not name the file"),
    }
}

/// What rules ask for, and a bit that they do not.
const KEYS: [&str; 32] = [
    "highway",
    "route",
    "oneway",
    "access",
    "vehicle",
    "bicycle",
    "hgv",
    "foot",
    "motor_vehicle",
    "maxspeed",
    "junction",
    "barrier",
    "restriction",
    "type",
    "except",
    "surface",
    "tracktype",
    "smoothness",
    "service",
    "cycleway",
    "bridge",
    "duration",
    "maxheight",
    "maxweight",
    "maxweight:conditional",
    "width",
    "lanes",
    "priority",
    "direction",
    "area",
    "hov:lanes",
    "oneway:bicycle",
];

const VALUES: [&str; 48] = [
    "residential",
    "primary",
    "motorway",
    "footway",
    "steps",
    "cycleway",
    "path",
    "service",
    "track",
    "pedestrian",
    "yes",
    "no",
    "-1",
    "private",
    "destination",
    "designated",
    "roundabout",
    "ferry",
    "restriction",
    "no_left_turn",
    "only_straight_on",
    "no_u_turn",
    "gate",
    "bollard",
    "traffic_signals",
    "stop",
    "give_way",
    "50",
    "30 mph",
    "none",
    "DE:urban",
    ":",
    "",
    ";;",
    "0",
    "999999999999999999999999",
    "opposite",
    "movable",
    "01:00",
    "PT1S",
    "3.5",
    "6'7\"",
    "'",
    "none @ destination",
    "@",
    "both",
    "forward",
    "backward",
];

/// Nodes near and far, ways over them and over nodes that are not there, and relations of all these.
fn scribbled(drawn: &mut Drawn<'_>) -> Drawing {
    let mut drawing = Drawing::default();
    let tags = |drawn: &mut Drawn<'_>| -> Vec<(&str, &str)> {
        (0..drawn.byte() % 5).map(|_| (drawn.one_of(&KEYS, ""), drawn.one_of(&VALUES, ""))).collect()
    };
    let nodes = 2 + usize::from(drawn.byte() % 30);
    for _ in 0..nodes {
        let place = drawn.byte();
        let (lat, lng) = match drawn.byte() % 16 {
            0 => (90.0, 180.0),
            1 => (-90.0, -180.0),
            2 => (LAT, 180.0),
            3 => (200.0, 400.0),
            4 => (LAT, LNG),
            _ => (LAT + f64::from(place % 8) / 2e3, LNG + f64::from(place / 8) / 8e3),
        };
        let tags = if drawn.byte().is_multiple_of(4) { tags(drawn) } else { Vec::new() };
        drawing.tagged_node(lat, lng, &tags);
    }
    let id = |drawn: &mut Drawn<'_>, end: usize| match drawn.byte() {
        255 => i64::MAX,
        254 => i64::MIN,
        253 => -1,
        number => i64::from(number) % (end as i64 + 2),
    };
    let ways = 1 + usize::from(drawn.byte() % 24);
    for _ in 0..ways {
        let over: Vec<i64> = (0..drawn.byte() % 8).map(|_| id(drawn, nodes)).collect();
        let highway = [("highway", drawn.one_of(&VALUES, ""))];
        drawing.way(&over, &[&highway, tags(drawn).as_slice()].concat());
    }
    for _ in 0..drawn.byte() % 8 {
        let members: Vec<_> = (0..drawn.byte() % 6)
            .map(|_| {
                let role = drawn.one_of(&["from", "via", "to", "stop"], "");
                // 3 is no kind at all.
                let kind = u64::from(drawn.byte() % 4);
                (role, kind, id(drawn, if kind == 0 { nodes } else { ways }))
            })
            .collect();
        let restriction = [("type", "restriction"), ("restriction", drawn.one_of(&VALUES, ""))];
        drawing.relation(&members, &[&restriction, tags(drawn).as_slice()].concat());
    }
    drawing
}
