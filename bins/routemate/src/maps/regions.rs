//! The index of regional extracts, in the form in which Geofabrik publishes it.
//!
//! Source: <https://download.geofabrik.de/technical.html>, "index-v1-nogeom.json": a GeoJSON collection whose features have
//! `id`, `name`, `parent` and `urls.pbf` among their properties.

use reqwest::Url;
use serde::Deserialize;

use crate::Failure;

/// How many names a message suggests.
const SUGGESTIONS: usize = 8;

#[derive(Debug, Deserialize)]
pub(crate) struct Index {
    features: Vec<Feature>,
}

#[derive(Debug, Deserialize)]
struct Feature {
    properties: Properties,
}

#[derive(Debug, Clone, Deserialize)]
struct Properties {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    parent: Option<String>,
    #[serde(default)]
    urls: Urls,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Urls {
    #[serde(default)]
    pbf: Option<String>,
}

/// A region that can be downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) id: String,
    pub(crate) url: Url,
}

impl Index {
    /// Reads an index.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// The region of this id, or else the only one of this name; in whatever case. `index_url` is where relative
    /// addresses begin.
    pub(crate) fn find(&self, wanted: &str, index_url: &Url) -> Result<Region, Failure> {
        let all = || self.features.iter().map(|feature| &feature.properties);
        if let Some(region) = all().find(|region| region.id == wanted) {
            return region.to_region(index_url);
        }
        let folded = wanted.trim().to_lowercase();
        let is_called =
            |region: &&Properties| region.id.to_lowercase() == folded || region.name.to_lowercase() == folded;
        let found: Vec<&Properties> = all().filter(is_called).collect();
        match found[..] {
            [region] => region.to_region(index_url),
            [] => Err(format!("no region is called `{wanted}`{}", self.suggest(&folded)).into()),
            _ => {
                let list: Vec<String> = found.iter().map(|region| region.for_people()).collect();
                Err(format!("several regions are called `{wanted}`: say {}", list.join(" or ")).into())
            }
        }
    }

    /// The regions that are called most alike.
    fn suggest(&self, folded: &str) -> String {
        let distance = |region: &Properties| {
            let names = [region.id.to_lowercase(), region.name.to_lowercase()];
            let parts = names.iter().flat_map(|name| name.split('/').chain([name.as_str()]));
            parts.map(|name| unlikeness(name, folded)).min().unwrap_or(usize::MAX)
        };
        let mut near: Vec<(usize, &Properties)> =
            self.features.iter().map(|feature| (distance(&feature.properties), &feature.properties)).collect();
        near.retain(|(distance, _)| *distance <= 1 + folded.chars().count() / 5);
        near.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.id.cmp(&other.id)));
        let names: Vec<String> = near.iter().take(SUGGESTIONS).map(|(_, region)| region.for_people()).collect();
        if names.is_empty() { String::new() } else { format!("; is it {}?", names.join(", ")) }
    }
}

impl Properties {
    fn for_people(&self) -> String {
        match &self.parent {
            Some(parent) => format!("`{}` ({}, in {parent})", self.id, self.name),
            None => format!("`{}` ({})", self.id, self.name),
        }
    }

    fn to_region(&self, index_url: &Url) -> Result<Region, Failure> {
        let id = &self.id;
        let pbf = self.urls.pbf.as_ref().ok_or_else(|| format!("the index has no .osm.pbf of `{id}`"))?;
        let url = index_url.join(pbf).map_err(|error| format!("the index says `{pbf}` for `{id}`: {error}"))?;
        Ok(Region { id: id.clone(), url })
    }
}

/// How many letters have to be changed to make one word of the other; none where one is a part of the other.
///
/// Source: V. I. Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", 1966.
fn unlikeness(one: &str, other: &str) -> usize {
    if other.chars().count() >= 3 && one.contains(other) {
        return 0;
    }
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (number, letter) in one.chars().enumerate() {
        let mut diagonal = number;
        let mut left = number + 1;
        for (cell, &letter_of_other) in row.iter_mut().skip(1).zip(&other) {
            let changed = diagonal + usize::from(letter != letter_of_other);
            diagonal = *cell;
            *cell = changed.min(left + 1).min(*cell + 1);
            left = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = number + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = r#"{"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"id": "finland", "parent": "europe", "name": "Finland",
            "urls": {"pbf": "https://maps.example/europe/finland-latest.osm.pbf", "shp": "x"}}},
        {"type": "Feature", "properties": {"id": "georgia", "parent": "europe", "name": "Georgia",
            "urls": {"pbf": "europe/georgia-latest.osm.pbf"}}},
        {"type": "Feature", "properties": {"id": "us/georgia", "parent": "north-america", "name": "Georgia",
            "urls": {"pbf": "north-america/us/georgia-latest.osm.pbf"}}},
        {"type": "Feature", "properties": {"id": "mars", "name": "Mars"}}]}"#;

    #[track_caller]
    fn check(wanted: &str, expected: Result<&str, &str>) {
        let url = Url::parse("http://127.0.0.1:1/a/index.json").expect("a URL");
        let found = Index::parse(INDEX.as_bytes()).expect("an index").find(wanted, &url);
        let found = found.map(|region| region.url.to_string()).map_err(|error| error.to_string());
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn a_region_is_found_by_id_or_by_name() {
        for wanted in ["finland", "Finland", "FINLAND "] {
            check(wanted, Ok("https://maps.example/europe/finland-latest.osm.pbf"));
        }
        check("georgia", Ok("http://127.0.0.1:1/a/europe/georgia-latest.osm.pbf"));
        check("US/Georgia", Ok("http://127.0.0.1:1/a/north-america/us/georgia-latest.osm.pbf"));
    }

    #[test]
    fn what_is_not_clear_is_asked_back() {
        let both = "say `georgia` (Georgia, in europe) or `us/georgia` (Georgia, in north-america)";
        check("Georgia", Err(&format!("several regions are called `Georgia`: {both}")));
        check("Finnland", Err("no region is called `Finnland`; is it `finland` (Finland, in europe)?"));
        check("land", Err("no region is called `land`; is it `finland` (Finland, in europe)?"));
        check("Atlantis", Err("no region is called `Atlantis`"));
        check("mars", Err("the index has no .osm.pbf of `mars`"));
    }

    #[test]
    fn unlikeness_counts_changes() {
        assert_eq!(unlikeness("kitten", "sitting"), 3);
        assert_eq!(unlikeness("", "abc"), 3);
        assert_eq!(unlikeness("same", "same"), 0);
        assert_eq!(unlikeness("ab", "a"), 1);
    }
}
