//! Maps drawn by hand, as the bytes of an .osm.pbf.
//!
//! Source of the format: OpenStreetMap wiki, PBF Format; Protocol Buffers, Encoding.

/// Key and value.
type Tags<'m> = &'m [(&'m str, &'m str)];

type OwnedTags = Vec<(String, String)>;

/// Nodes, ways and restrictions; positions in degrees.
#[derive(Debug, Clone, Default)]
pub(crate) struct Drawing {
    nodes: Vec<Node>,
    ways: Vec<(i64, Vec<i64>, OwnedTags)>,
    relations: Vec<(Vec<Member>, OwnedTags)>,
}

type Node = (i64, f64, f64, OwnedTags);

/// Role, kind (0 node, 1 way, 2 relation) and id.
pub(crate) type Member = (&'static str, u64, i64);

fn owned(tags: Tags<'_>) -> OwnedTags {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

impl Drawing {
    /// Adds a node and returns its id.
    pub(crate) fn node(&mut self, lat: f64, lng: f64) -> i64 {
        self.tagged_node(lat, lng, &[])
    }

    pub(crate) fn tagged_node(&mut self, lat: f64, lng: f64, tags: Tags<'_>) -> i64 {
        let id = self.nodes.len() as i64 + 1;
        self.nodes.push((id, lat, lng, owned(tags)));
        id
    }

    /// Adds a way over nodes and returns its id.
    pub(crate) fn way(&mut self, nodes: &[i64], tags: Tags<'_>) -> i64 {
        let id = self.ways.len() as i64 + 1;
        self.ways.push((id, nodes.to_vec(), owned(tags)));
        id
    }

    /// Adds a residential street over positions and returns its nodes.
    pub(crate) fn street(&mut self, positions: &[(f64, f64)], tags: Tags<'_>) -> Vec<i64> {
        let nodes: Vec<i64> = positions.iter().map(|(lat, lng)| self.node(*lat, *lng)).collect();
        self.way(&nodes, &[&[("highway", "residential")], tags].concat());
        nodes
    }

    /// Adds streets around `side` × `side` blocks, all two-way, from the corner of least latitude and longitude.
    pub(crate) fn blocks(&mut self, (lat, lng): (f64, f64), side: usize, step: f64) {
        let rows: Vec<Vec<i64>> = (0..=side)
            .map(|row| (0..=side).map(|at| self.node(lat + step * row as f64, lng + step * at as f64)).collect())
            .collect();
        for row in &rows {
            self.way(row, &[("highway", "residential")]);
        }
        for column in 0..=side {
            let column: Vec<i64> = rows.iter().filter_map(|row| row.get(column).copied()).collect();
            self.way(&column, &[("highway", "residential")]);
        }
    }

    pub(crate) fn relation(&mut self, members: &[Member], tags: Tags<'_>) {
        self.relations.push((members.to_vec(), owned(tags)));
    }

    /// The bytes of its .osm.pbf: nodes, ways and relations in one block.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut strings = vec![String::new()];
        let mut group = Message::default();
        for (id, lat, lng, tags) in &self.nodes {
            let mut node = Message::default();
            node.number(1, zigzag(*id));
            node.tags(tags, &mut strings);
            // Units of 100 nanodegrees, the default.
            node.number(8, zigzag((lat * 1e7).round() as i64));
            node.number(9, zigzag((lng * 1e7).round() as i64));
            group.message(1, &node);
        }
        for (id, nodes, tags) in &self.ways {
            let mut way = Message::default();
            way.number(1, *id as u64);
            way.tags(tags, &mut strings);
            way.packed(8, &deltas(nodes.iter().copied()));
            group.message(3, &way);
        }
        for (number, (members, tags)) in self.relations.iter().enumerate() {
            let mut relation = Message::default();
            relation.number(1, number as u64 + 1);
            relation.tags(tags, &mut strings);
            let roles: Vec<u64> = members.iter().map(|(role, ..)| index(role, &mut strings)).collect();
            relation.packed(8, &roles);
            relation.packed(9, &deltas(members.iter().map(|(.., id)| *id)));
            relation.packed(10, &members.iter().map(|(_, kind, _)| *kind).collect::<Vec<_>>());
            group.message(4, &relation);
        }
        let mut table = Message::default();
        for string in &strings {
            table.bytes(1, string.as_bytes());
        }
        let mut block = Message::default();
        block.message(1, &table);
        block.message(2, &group);
        [header(), blob("OSMData", &block.0)].concat()
    }
}

/// What a file begins with.
pub(crate) fn header() -> Vec<u8> {
    let mut header = Message::default();
    header.bytes(4, b"OsmSchema-V0.6");
    blob("OSMHeader", &header.0)
}

/// A block with what stands before it in the file.
pub(crate) fn blob(kind: &str, contents: &[u8]) -> Vec<u8> {
    let mut blob = Message::default();
    blob.bytes(1, contents);
    let mut header = Message::default();
    header.bytes(1, kind.as_bytes());
    header.number(3, blob.0.len() as u64);
    [(header.0.len() as u32).to_be_bytes().as_slice(), &header.0, &blob.0].concat()
}

/// A message of Protocol Buffers.
#[derive(Debug, Default)]
pub(crate) struct Message(pub(crate) Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 128 {
            self.0.push(value as u8 | 128);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub(crate) fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    pub(crate) fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn message(&mut self, field: u64, message: &Self) {
        self.bytes(field, &message.0);
    }

    pub(crate) fn packed(&mut self, field: u64, values: &[u64]) {
        let mut packed = Self::default();
        for value in values {
            packed.varint(*value);
        }
        self.message(field, &packed);
    }

    fn tags(&mut self, tags: &[(String, String)], strings: &mut Vec<String>) {
        let keys: Vec<u64> = tags.iter().map(|(key, _)| index(key, strings)).collect();
        let values: Vec<u64> = tags.iter().map(|(_, value)| index(value, strings)).collect();
        self.packed(2, &keys);
        self.packed(3, &values);
    }
}

fn index(text: &str, strings: &mut Vec<String>) -> u64 {
    let found = strings.iter().position(|string| string == text);
    found.unwrap_or_else(|| {
        strings.push(text.to_owned());
        strings.len() - 1
    }) as u64
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

fn deltas(ids: impl Iterator<Item = i64>) -> Vec<u64> {
    let mut before = 0;
    ids.map(|id| zigzag(id.wrapping_sub(std::mem::replace(&mut before, id)))).collect()
}
