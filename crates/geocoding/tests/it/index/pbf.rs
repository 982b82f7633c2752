//! Writes small .osm.pbf files, uncompressed: <https://wiki.openstreetmap.org/wiki/PBF_Format>.

/// A file of these elements; nodes first.
#[derive(Debug, Default)]
pub(crate) struct Extract {
    strings: Vec<String>,
    nodes: Vec<u8>,
    ways: Vec<u8>,
    relations: Vec<u8>,
}

pub(crate) type Tags<'t> = &'t [(&'t str, &'t str)];

impl Extract {
    pub(crate) fn node(&mut self, id: i64, lat: f64, lng: f64, tags: Tags<'_>) -> &mut Self {
        let mut node = Vec::new();
        number(1, zigzag(id), &mut node);
        self.tags(tags, &mut node);
        number(8, zigzag((lat * 1e7).round() as i64), &mut node);
        number(9, zigzag((lng * 1e7).round() as i64), &mut node);
        bytes(1, &node, &mut self.nodes);
        self
    }

    pub(crate) fn way(&mut self, id: i64, nodes: &[i64], tags: Tags<'_>) -> &mut Self {
        let mut way = Vec::new();
        number(1, id as u64, &mut way);
        self.tags(tags, &mut way);
        packed(8, steps(nodes), &mut way);
        bytes(3, &way, &mut self.ways);
        self
    }

    /// A relation of nodes.
    pub(crate) fn relation(&mut self, id: i64, nodes: &[i64], tags: Tags<'_>) -> &mut Self {
        let mut relation = Vec::new();
        number(1, id as u64, &mut relation);
        self.tags(tags, &mut relation);
        let role = self.string("house");
        packed(8, nodes.iter().map(|_| role), &mut relation);
        packed(9, steps(nodes), &mut relation);
        packed(10, nodes.iter().map(|_| 0), &mut relation);
        bytes(4, &relation, &mut self.relations);
        self
    }

    /// All in one block.
    pub(crate) fn file(&self) -> Vec<u8> {
        [header(), self.block(&[&self.nodes, &self.ways, &self.relations])].concat()
    }

    /// A block for each kind, in order, as most files are.
    pub(crate) fn file_in_order(&self) -> Vec<u8> {
        let blocks = [&self.nodes, &self.ways, &self.relations].map(|group| self.block(&[group]));
        [header(), blocks.concat()].concat()
    }

    /// A block for each kind, the other way round.
    pub(crate) fn file_out_of_order(&self) -> Vec<u8> {
        let blocks = [&self.relations, &self.ways, &self.nodes].map(|group| self.block(&[group]));
        [header(), blocks.concat()].concat()
    }

    fn block(&self, groups: &[&Vec<u8>]) -> Vec<u8> {
        let mut table = Vec::new();
        bytes(1, b"", &mut table);
        self.strings.iter().for_each(|string| bytes(1, string.as_bytes(), &mut table));
        let mut block = Vec::new();
        bytes(1, &table, &mut block);
        for group in groups {
            bytes(2, group, &mut block);
        }
        blob("OSMData", &block)
    }

    fn tags(&mut self, tags: Tags<'_>, into: &mut Vec<u8>) {
        let keys: Vec<u64> = tags.iter().map(|(key, _)| self.string(key)).collect();
        let values: Vec<u64> = tags.iter().map(|(_, value)| self.string(value)).collect();
        packed(2, keys.into_iter(), into);
        packed(3, values.into_iter(), into);
    }

    fn string(&mut self, string: &str) -> u64 {
        let at = self.strings.iter().position(|other| other == string).unwrap_or_else(|| {
            self.strings.push(string.to_owned());
            self.strings.len() - 1
        });
        at as u64 + 1
    }
}

fn header() -> Vec<u8> {
    let mut header = Vec::new();
    bytes(4, b"OsmSchema-V0.6", &mut header);
    blob("OSMHeader", &header)
}

fn blob(kind: &str, contents: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    bytes(1, contents, &mut body);
    let mut header = Vec::new();
    bytes(1, kind.as_bytes(), &mut header);
    number(3, body.len() as u64, &mut header);
    [&(header.len() as u32).to_be_bytes(), header.as_slice(), &body].concat()
}

fn steps(ids: &[i64]) -> impl Iterator<Item = u64> {
    let mut last = 0;
    ids.iter().map(move |id| zigzag(id - std::mem::replace(&mut last, *id)))
}

fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

fn varint(mut number: u64, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push(number as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

fn number(field: u64, value: u64, into: &mut Vec<u8>) {
    varint(field << 3, into);
    varint(value, into);
}

fn bytes(field: u64, contents: &[u8], into: &mut Vec<u8>) {
    varint(field << 3 | 2, into);
    varint(contents.len() as u64, into);
    into.extend_from_slice(contents);
}

fn packed(field: u64, values: impl Iterator<Item = u64>, into: &mut Vec<u8>) {
    let mut contents = Vec::new();
    values.for_each(|value| varint(value, &mut contents));
    bytes(field, &contents, into);
}
