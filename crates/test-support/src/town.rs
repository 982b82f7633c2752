use std::collections::BTreeMap;

/// Streets drawn for a test, to be written as an OpenStreetMap extract.
///
/// Streets that share a point cross there.
///
/// Source of the format: OpenStreetMap wiki, "PBF Format" (blobs uncompressed, nodes one by one).
#[derive(Debug, Clone, Default)]
pub struct Town {
    /// In units of 100 nanodegrees, with their ids.
    nodes: BTreeMap<(i64, i64), i64>,
    ways: Vec<Way>,
    taken_at: Option<i64>,
    first_id: i64,
}

#[derive(Debug, Clone)]
struct Way {
    nodes: Vec<i64>,
    tags: Vec<(String, String)>,
}

/// What a block measures, in degrees of latitude and of longitude.
const BLOCK: (f64, f64) = (0.002, 0.004);

impl Town {
    /// So many blocks by so many, streets both ways all around them, from a corner towards north and east.
    #[must_use]
    pub fn grid(corner: (f64, f64), blocks: u32) -> Self {
        let mut town = Self::default();
        let at = |row: u32, column: u32| (corner.0 + BLOCK.0 * f64::from(row), corner.1 + BLOCK.1 * f64::from(column));
        for line in 0..=blocks {
            let row: Vec<_> = (0..=blocks).map(|column| at(line, column)).collect();
            let column: Vec<_> = (0..=blocks).map(|row| at(row, line)).collect();
            town = town.street(&format!("{line}. Street"), &row).street(&format!("{line}. Avenue"), &column);
        }
        town
    }

    /// With another street through these points.
    #[must_use]
    pub fn street(self, name: &str, points: &[(f64, f64)]) -> Self {
        self.way(points, &[("highway", "residential"), ("name", name)])
    }

    /// With another way through these points.
    #[must_use]
    pub fn way(mut self, points: &[(f64, f64)], tags: &[(&str, &str)]) -> Self {
        let unit = |degrees: f64| (degrees * 1e7).round() as i64;
        let nodes = points.iter().map(|&(lat, lng)| {
            let next = self.nodes.len() as i64 + 1;
            *self.nodes.entry((unit(lat), unit(lng))).or_insert(next)
        });
        let nodes = nodes.collect();
        let tags = tags.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        self.ways.push(Way { nodes, tags });
        self
    }

    /// Taken from OpenStreetMap at this time, in seconds since 1970.
    #[must_use]
    pub fn taken_at(self, seconds: i64) -> Self {
        Self { taken_at: Some(seconds), ..self }
    }

    /// With other ids than other towns, counted from here.
    #[must_use]
    pub fn numbered_from(self, first_id: i64) -> Self {
        Self { first_id, ..self }
    }

    /// The bytes of an .osm.pbf.
    #[must_use]
    pub fn to_pbf(&self) -> Vec<u8> {
        let mut header = Message::default().text(4, "OsmSchema-V0.6");
        if let Some(seconds) = self.taken_at {
            header = header.number(32, seconds as u64);
        }
        [blob("OSMHeader", &header), blob("OSMData", &self.block())].concat()
    }

    fn block(&self) -> Message {
        let mut texts = vec![String::new()];
        let mut text = |value: &str| {
            let known = texts.iter().position(|text| text == value);
            known.unwrap_or_else(|| {
                texts.push(value.to_owned());
                texts.len() - 1
            }) as u64
        };
        let mut nodes: Vec<_> = self.nodes.iter().map(|(place, id)| (*id, *place)).collect();
        nodes.sort_unstable();
        let nodes = nodes.iter().fold(Message::default(), |group, &(id, (lat, lng))| {
            let node =
                Message::default().number(1, zigzag(self.first_id + id)).number(8, zigzag(lat)).number(9, zigzag(lng));
            group.message(1, &node)
        });
        let mut ways = Message::default();
        for (number, way) in self.ways.iter().enumerate() {
            let keys: Vec<u64> = way.tags.iter().map(|(key, _)| text(key)).collect();
            let values: Vec<u64> = way.tags.iter().map(|(_, value)| text(value)).collect();
            let before = std::iter::once(-self.first_id).chain(way.nodes.iter().copied());
            let steps: Vec<u64> = way.nodes.iter().zip(before).map(|(node, before)| zigzag(node - before)).collect();
            let way = Message::default().number(1, self.first_id as u64 + number as u64 + 1);
            ways = ways.message(3, &way.packed(2, &keys).packed(3, &values).packed(8, &steps));
        }
        let table = texts.iter().fold(Message::default(), |table, text| table.text(1, text));
        Message::default().message(1, &table).message(2, &nodes).message(2, &ways)
    }
}

/// Signed numbers as protocol buffers pack them.
fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn blob(kind: &str, content: &Message) -> Vec<u8> {
    let body = Message::default().message(1, content).number(2, content.0.len() as u64);
    let header = Message::default().text(1, kind).number(3, body.0.len() as u64);
    [&(header.0.len() as u32).to_be_bytes()[..], &header.0, &body.0].concat()
}

/// A protocol buffers message that is being written.
#[derive(Debug, Clone, Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(mut self, mut value: u64) -> Self {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
        self
    }

    fn number(self, field: u64, value: u64) -> Self {
        self.varint(field << 3).varint(value)
    }

    fn bytes(self, field: u64, value: &[u8]) -> Self {
        let mut message = self.varint(field << 3 | 2).varint(value.len() as u64);
        message.0.extend_from_slice(value);
        message
    }

    fn text(self, field: u64, value: &str) -> Self {
        self.bytes(field, value.as_bytes())
    }

    fn message(self, field: u64, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }

    fn packed(self, field: u64, values: &[u64]) -> Self {
        let values = values.iter().fold(Self::default(), |packed, &value| packed.varint(value));
        self.message(field, &values)
    }
}
