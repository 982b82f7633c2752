//! Large tables out of small ones, and questions for them.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};

use serde_json::json;

use crate::chance::Chance;
use crate::house::{Failure, House, houses};
use crate::kinds::typo;

const SYLLABLES: [&str; 20] = [
    "ba", "ko", "ri", "ten", "mar", "lo", "vis", "dun", "hal", "per", "sto", "wick", "ford", "el", "nor", "gan", "tri",
    "mel", "as", "cor",
];

/// Writes the rows of some tables again and again, each time on another part of the map and with other names of streets,
/// until there are enough.
pub(crate) fn replicate(rows: &str, to: &str, sources: &[&str]) -> Result<(), Failure> {
    let rows: usize = rows.parse()?;
    let mut all: Vec<House> = Vec::new();
    for source in sources {
        all.extend(houses(source)?);
    }
    let mut writer = csv::Writer::from_path(to)?;
    writer.write_record(["LON", "LAT", "NUMBER", "STREET", "CITY", "REGION", "POSTCODE"])?;
    let mut chance = Chance::of("replica");
    let (mut written, mut copy) = (0, 0_usize);
    while written < rows && !all.is_empty() {
        let (east, north) = ((copy % 40) as f64 * 0.35, (copy / 40) as f64 * 0.3);
        let mut names: HashMap<&str, String> = HashMap::new();
        for house in all.iter().take(rows - written) {
            let street = match copy {
                0 => house.street.clone(),
                _ => names.entry(&house.street).or_insert_with(|| renamed(&house.street, &mut chance)).clone(),
            };
            let city = if copy == 0 { house.city.clone() } else { format!("{} {copy}", house.city) };
            let (lng, lat) = (format!("{:.7}", house.lng + east), format!("{:.7}", house.lat + north));
            writer.write_record([&lng, &lat, &house.number, &street, &city, &house.region, &house.postcode])?;
            written += 1;
        }
        copy += 1;
    }
    writer.flush()?;
    Ok(())
}

/// Another name with the same kind of street.
fn renamed(street: &str, chance: &mut Chance) -> String {
    let count = 2 + chance.below(2);
    let name: String = (0..count).filter_map(|_| chance.of_these(&SYLLABLES).copied()).collect();
    match street.split_once(' ') {
        Some((_, rest)) => format!("{name} {rest}"),
        None => name,
    }
}

/// Writes questions of all sorts: as they should be, misspelled, reordered, in capitals, with a flat, for a number that is
/// not there, and for a town that is not.
pub(crate) fn mix(count: &str, source: &str) -> Result<(), Failure> {
    let count: usize = count.parse()?;
    let houses = houses(source)?;
    let mut chance = Chance::of("mix");
    let mut out = BufWriter::new(io::stdout().lock());
    for id in 0..count {
        let Some(house) = chance.of_these(&houses) else {
            break;
        };
        let House { number, street, city, postcode, .. } = house;
        let text = match chance.below(10) {
            0..3 => format!("{number} {street}, {city} {postcode}"),
            3 => format!("{number} {street}, {city}"),
            4 | 5 => {
                let longest = street.split(' ').max_by_key(|word| word.len()).unwrap_or_default();
                format!("{number} {}, {city} {postcode}", street.replacen(longest, &typo(longest, &mut chance), 1))
            }
            6 => format!("Apt 4B, {number} {street}, {city} {postcode}").to_uppercase(),
            7 => format!("{postcode} {city} {street} {number}"),
            8 => format!("{}1 {street}, {city} {postcode}", number),
            _ => format!("{number} {street}, Winnipeg, MB"),
        };
        writeln!(out, "{}", json!({ "id": id, "query": text }))?;
    }
    out.flush()?;
    Ok(())
}
