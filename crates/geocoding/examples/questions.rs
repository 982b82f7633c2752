//! Makes questions with known answers out of addresses: what people really write, two slips of the pen at once, words
//! joined and parted, noise in front, a number with a suffix, a wrong postcode.
//!
//! ```sh
//! questions make EACH SOURCE…           # questions on standard output, EACH of a kind for each degree of each source
//! questions hold-out EVERY CSV TO.csv   # a table without each EVERY-th row, and questions for those that were left out
//! ```
//!
//! Sources are .osm.pbf and OpenAddresses CSV. The same sources give the same questions. A line is that of
//! `../shared/geocode`: `alts` has every position that is right, `tol_m` how far from it an answer may be.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["make", each, sources @ ..] if !sources.is_empty() => make(each, sources),
        ["hold-out", every, source, to] => hold_out(every, source, to),
        _ => Err("usage: questions make EACH SOURCE… | questions hold-out EVERY CSV TO.csv".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// An address of a source.
#[derive(Debug, Clone, Default)]
struct House {
    number: String,
    street: String,
    city: String,
    region: String,
    postcode: String,
    lat: f64,
    lng: f64,
}

impl House {
    /// What two ways of writing one address have in common, good enough for one source.
    fn key(&self) -> (String, String) {
        (plain(&self.street), plain(&self.number))
    }

    /// Whether the number stands before the street here.
    fn puts_number_first(&self) -> bool {
        self.lng < -30.0 && self.lat > 15.0
            || self.lng > 110.0
            || (49.9..61.0).contains(&self.lat) && (-8.2..1.8).contains(&self.lng)
    }

    /// The address as it is written where it stands.
    fn text(&self, line: &str) -> String {
        let town = if self.puts_number_first() {
            [self.city.as_str(), self.region.as_str(), self.postcode.as_str()]
        } else {
            [self.postcode.as_str(), self.city.as_str(), ""]
        };
        let town: Vec<&str> = town.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{line}, {}", town.join(" "))
    }

    fn line(&self, number: &str, street: &str) -> String {
        if self.puts_number_first() { format!("{number} {street}") } else { format!("{street} {number}") }
    }

    fn plain_line(&self) -> String {
        self.line(&self.number, &self.street)
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Numbers as they come from a counter (Steele, Lea and Flood 2014): the same for the same seed, everywhere.
struct Chance(u64);

impl Chance {
    fn of(text: &str) -> Self {
        Self(
            text.bytes()
                .fold(0x9e37_79b9_7f4a_7c15, |seed, byte| (seed ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)),
        )
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn of_these<'t, T>(&mut self, those: &'t [T]) -> Option<&'t T> {
        let at = self.below(those.len());
        those.get(at)
    }
}

/// One way of writing an address; nothing where it cannot be written so.
type Kind = (&'static str, fn(&House, &[&House], &mut Chance) -> Option<String>);

const KINDS: [Kind; 17] = [
    ("plain", |house, _, _| Some(house.text(&house.plain_line()))),
    ("no_commas", |house, _, _| Some(house.text(&house.plain_line()).replace(',', ""))),
    ("capitals", |house, _, _| Some(house.text(&house.plain_line()).to_uppercase())),
    ("ascii", |house, _, _| {
        let text = house.text(&house.plain_line());
        Some(ascii(&text)).filter(|ascii| *ascii != text)
    }),
    ("two_typos", |house, _, chance| two_typos(&house.text(&house.plain_line()), chance)),
    ("two_typos_in_street", |house, _, chance| {
        let street = two_typos(&house.street, chance)?;
        Some(house.text(&house.line(&house.number, &street)))
    }),
    ("careless", careless),
    ("joined", |house, _, chance| joined(house, chance)),
    ("parted", |house, _, chance| parted(house, chance)),
    ("noise", |house, _, chance| Some(format!("{}{}", chance.of_these(&NOISE)?, house.text(&house.plain_line())))),
    ("noise_of_names", |house, all, chance| {
        let other = chance.of_these(all)?;
        let firm = match chance.below(4) {
            0 => format!("{} Bakery", other.street),
            1 => format!("Hotel {}", other.city),
            2 => format!("{} Dental Practice", other.street),
            _ => format!("{} Shipping Ltd", other.city),
        };
        Some(format!("{firm}, {}", house.text(&house.plain_line())))
    }),
    ("noise_behind", |house, _, chance| {
        Some(format!("{}{}", house.text(&house.plain_line()), chance.of_these(&NOISE_BEHIND)?))
    }),
    ("suffix", |house, _, chance| {
        let number = house.number.bytes().all(|byte| byte.is_ascii_digit()).then_some(&house.number)?;
        let number = format!("{number}{}", chance.of_these(&["a", "b", "C", " bis", "-1", "/2", " a"])?);
        Some(house.text(&house.line(&number, &house.street)))
    }),
    ("wrong_postcode", wrong_postcode),
    ("number_elsewhere", |house, _, _| {
        let line = if house.puts_number_first() {
            format!("{} {}", house.street, house.number)
        } else {
            format!("{} {}", house.number, house.street)
        };
        Some(house.text(&line))
    }),
    ("abbreviated", |house, _, _| {
        let street = abbreviated(house)?;
        Some(house.text(&house.line(&house.number, &street)))
    }),
    ("foreign_city", |house, _, chance| {
        let (city, postcode) = chance.of_these(if house.lng < -30.0 { &FAR_AMERICA } else { &FAR_ELSEWHERE })?;
        let foreign = House {
            city: (*city).to_owned(),
            postcode: (*postcode).to_owned(),
            region: String::new(),
            ..house.clone()
        };
        Some(foreign.text(&house.plain_line()))
    }),
];

const NOISE: [&str; 14] = [
    "Delivery to: ",
    "Deliver to ",
    "Ship to: ",
    "c/o Maria Rossi, ",
    "c/o Jensen, ",
    "Attn: John Smith, ",
    "Acme Trading Ltd, ",
    "Müller & Söhne GmbH, ",
    "Blue Whale Coffee Roasters, ",
    "Lieferung an: ",
    "Livraison: ",
    "Entrega: ",
    "Mrs. Anna Kowalska, ",
    "Zahnarztpraxis Dr. Weber - ",
];

const NOISE_BEHIND: [&str; 6] =
    [", ring twice", " (please call)", ", 2nd floor", ", leave at door", " - reception", ", back entrance"];

const FAR_AMERICA: [(&str, &str); 4] =
    [("Denver", "80202"), ("Winnipeg", "R3C 0V8"), ("Miami", "33130"), ("Halifax", "B3J 1S9")];
const FAR_ELSEWHERE: [(&str, &str); 4] =
    [("Hamburg", "20095"), ("Sevilla", "41001"), ("Perth", "6000"), ("Glasgow", "G1 1XQ")];

/// Letters as who has no others writes them.
fn ascii(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars() {
        let written = match letter {
            'ä' | 'æ' => "ae",
            'ö' | 'ø' => "oe",
            'ü' => "ue",
            'å' => "aa",
            'Ä' | 'Æ' => "Ae",
            'Ö' | 'Ø' => "Oe",
            'Ü' => "Ue",
            'Å' => "Aa",
            'ß' => "ss",
            'à' | 'á' | 'â' | 'ã' => "a",
            'ç' => "c",
            'è' | 'é' | 'ê' => "e",
            'ì' | 'í' => "i",
            'ò' | 'ó' | 'ô' | 'õ' => "o",
            'ù' | 'ú' => "u",
            'Á' | 'À' => "A",
            'É' => "E",
            'Ó' => "O",
            'ñ' => "n",
            other => {
                plain.push(other);
                continue;
            }
        };
        plain.push_str(written);
    }
    plain
}

/// One letter left out, doubled, swapped with the next or taken for its neighbour on the keyboard.
fn typo(word: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = 1 + chance.below(letters.len().saturating_sub(2));
    match chance.below(5) {
        0 => {
            letters.remove(at);
        }
        1 => letters.insert(at, letters.get(at).copied().unwrap_or('e')),
        2 if at + 1 < letters.len() => letters.swap(at, at + 1),
        3 => {
            if let Some(letter) = letters.get_mut(at) {
                *letter = char::from(b'a' + chance.below(26) as u8);
            }
        }
        _ => {
            let row = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
            if let Some(letter) = letters.get_mut(at)
                && let Some((row, place)) = row.iter().find_map(|row| Some((row, row.find(*letter)?)))
            {
                let beside = if place > 0 { place - 1 } else { 1 };
                *letter = row.chars().nth(beside).unwrap_or('e');
            }
        }
    }
    letters.into_iter().collect()
}

/// Small letters, no commas, no postcode, a short form where there is one, and a slip in the longest word.
fn careless(house: &House, _: &[&House], chance: &mut Chance) -> Option<String> {
    let street = abbreviated(house).unwrap_or_else(|| house.street.clone());
    let house = House { postcode: String::new(), region: String::new(), ..house.clone() };
    let text = house.text(&house.line(&house.number, &street)).to_lowercase().replace(',', "");
    let longest = street
        .split(' ')
        .filter(|word| word.chars().all(char::is_alphabetic))
        .max_by_key(|word| word.len())?
        .to_lowercase();
    (longest.chars().count() > 4).then(|| text.replacen(&longest, &typo(&longest, chance), 1))
}

/// Two slips in long words: in one very long word, or in two.
fn two_typos(text: &str, chance: &mut Chance) -> Option<String> {
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let is_long = |word: &String| {
        word.trim_matches(',').chars().count() >= 5 && word.trim_matches(',').chars().all(char::is_alphabetic)
    };
    let slips: Vec<usize> = (0..words.len()).filter(|at| words.get(*at).is_some_and(is_long)).collect();
    let first = *chance.of_these(&slips)?;
    let is_very_long = words.get(first).is_some_and(|word| word.chars().count() >= 9);
    let second = if slips.len() == 1 && is_very_long { first } else { *chance.of_these(&slips)? };
    if first == second && !is_very_long {
        return None;
    }
    for at in [first, second] {
        let word = words.get_mut(at)?;
        *word = typo(word, chance);
    }
    Some(words.join(" ")).filter(|written| written != text)
}

/// Two words of the street, or the street and its number, without the space between.
fn joined(house: &House, chance: &mut Chance) -> Option<String> {
    let words: Vec<&str> = house.street.split(' ').collect();
    if words.len() < 2 {
        return (!house.puts_number_first()).then(|| house.text(&format!("{}{}", house.street, house.number)));
    }
    let at = chance.below(words.len() - 1);
    let mut street = String::new();
    for (place, word) in words.iter().enumerate() {
        street.push_str(word);
        if place != at && place + 1 < words.len() {
            street.push(' ');
        }
    }
    Some(house.text(&house.line(&house.number, &street)))
}

/// Ends of compounds that are parted from their beginnings.
const ENDS: [&str; 18] = [
    "straße", "strasse", "gasse", "platz", "weg", "katu", "tie", "kuja", "gatan", "vägen", "gade", "vej", "gate",
    "veien", "straat", "laan", "gata", "allee",
];

/// A long word in two.
fn parted(house: &House, chance: &mut Chance) -> Option<String> {
    let long: Vec<&str> = house.street.split(' ').filter(|word| word.chars().count() >= 7).collect();
    let word = *chance.of_these(&long)?;
    let end = ENDS.iter().find_map(|end| word.strip_suffix(end)).filter(|stem| stem.chars().count() > 2);
    let stem = match end {
        Some(stem) => stem.to_owned(),
        None => word.chars().take(3 + chance.below(word.chars().count() - 6)).collect(),
    };
    let rest = word.strip_prefix(stem.as_str()).filter(|rest| rest.chars().all(char::is_alphabetic))?;
    let street = house.street.replacen(word, &format!("{stem} {rest}"), 1);
    Some(house.text(&house.line(&house.number, &street)))
}

/// The postcode of another town of the source, or one with another digit.
fn wrong_postcode(house: &House, all: &[&House], chance: &mut Chance) -> Option<String> {
    if house.postcode.is_empty() || house.city.is_empty() {
        return None;
    }
    let other = chance.of_these(all)?;
    let postcode = if chance.below(2) == 0 && other.postcode != house.postcode && !other.postcode.is_empty() {
        other.postcode.clone()
    } else {
        let digits: Vec<usize> =
            house.postcode.char_indices().filter(|(_, letter)| letter.is_ascii_digit()).map(|(at, _)| at).collect();
        let at = *chance.of_these(&digits)?;
        let digit = house.postcode.get(at..=at)?.parse::<usize>().ok()?;
        let mut postcode = house.postcode.clone();
        postcode.replace_range(at..=at, &((digit + 1 + chance.below(8)) % 10).to_string());
        postcode
    };
    Some(House { postcode, ..house.clone() }.text(&house.plain_line()))
}

/// Short forms that are on letters; of compounds the end.
const SHORT: [(&str, &str); 36] = [
    ("Street", "St"),
    ("Avenue", "Ave"),
    ("Road", "Rd"),
    ("Drive", "Dr"),
    ("Lane", "Ln"),
    ("Place", "Pl"),
    ("Court", "Ct"),
    ("Boulevard", "Blvd"),
    ("Terrace", "Ter"),
    ("Crescent", "Cres"),
    ("Close", "Cl"),
    ("Gardens", "Gdns"),
    ("Square", "Sq"),
    ("North", "N"),
    ("East", "E"),
    ("Straße", "Str."),
    ("Strasse", "Str."),
    ("straße", "str."),
    ("strasse", "str."),
    ("platz", "pl."),
    ("Via", "V."),
    ("Viale", "V.le"),
    ("Piazza", "P.za"),
    ("Corso", "C.so"),
    ("Largo", "L.go"),
    ("Rua", "R."),
    ("Avenida", "Av."),
    ("Travessa", "Tv."),
    ("Praça", "Pç."),
    ("Carrer", "C/"),
    ("Calle", "C/"),
    ("Rue", "R."),
    ("Sankt", "St."),
    ("Saint", "St"),
    ("katu", "k."),
    ("gade", "g."),
];

fn abbreviated(house: &House) -> Option<String> {
    let words = house.street.split(' ').map(|word| {
        let whole = SHORT.iter().find(|(long, _)| *long == word).map(|(_, short)| (*short).to_owned());
        let end = || {
            let (long, short) = SHORT.iter().find(|(long, _)| {
                long.starts_with(char::is_lowercase) && word.len() > long.len() + 2 && word.ends_with(long)
            })?;
            Some(format!("{}{short}", word.strip_suffix(long)?))
        };
        whole.or_else(end).unwrap_or_else(|| word.to_owned())
    });
    let street = words.collect::<Vec<_>>().join(" ");
    (street != house.street).then_some(street)
}

fn make(each: &str, sources: &[&str]) -> Result<(), Failure> {
    let each: usize = each.parse()?;
    let mut out = BufWriter::new(io::stdout().lock());
    for source in sources {
        let name = Path::new(source).file_name().and_then(|name| name.to_str()).unwrap_or(source);
        let name = name.split('.').next().unwrap_or(name);
        let houses = houses(source)?;
        let mut same: HashMap<(String, String), Vec<&House>> = HashMap::new();
        let mut degrees: BTreeMap<(i32, i32), Vec<&House>> = BTreeMap::new();
        for house in &houses {
            same.entry(house.key()).or_default().push(house);
            degrees.entry((house.lat.floor() as i32, house.lng.floor() as i32)).or_default().push(house);
        }
        for ((lat, lng), houses) in degrees.iter().filter(|(_, houses)| houses.len() >= 100) {
            for (kind, write) in KINDS {
                let mut chance = Chance::of(&format!("{name} {lat} {lng} {kind}"));
                let mut made = 0;
                for _ in 0..each * 20 {
                    let Some(house) = chance.of_these(houses) else {
                        break;
                    };
                    if house.city.is_empty() {
                        continue;
                    }
                    let Some(text) = write(house, houses, &mut chance) else {
                        continue;
                    };
                    let is_wrong = kind == "foreign_city";
                    let is_same = |other: &&&House| {
                        is_near(house, other)
                            && (other.city == house.city || other.postcode == house.postcode || other.city.is_empty())
                    };
                    let alts: Vec<[f64; 2]> = same
                        .get(&house.key())
                        .into_iter()
                        .flatten()
                        .filter(is_same)
                        .map(|other| [other.lat, other.lng])
                        .collect();
                    made += 1;
                    let line = json!({
                        "id": format!("{name}-{lat}-{lng}-{kind}-{made:04}"), "city": name, "variant": kind, "query": text,
                        "structured": null, "focus": null, "expect": if is_wrong { "reject" } else { "match" },
                        "lat": house.lat, "lon": house.lng, "alts": if is_wrong { Vec::new() } else { alts }, "tol_m": 50,
                    });
                    writeln!(out, "{line}")?;
                    if made == each {
                        break;
                    }
                }
            }
        }
    }
    out.flush()?;
    Ok(())
}

/// Within a degree, which no city is larger than.
fn is_near(a: &House, b: &House) -> bool {
    (a.lat - b.lat).abs() < 1.0 && (a.lng - b.lng).abs() < 1.0
}

fn hold_out(every: &str, source: &str, to: &str) -> Result<(), Failure> {
    let every: usize = every.parse()?;
    let mut reader = csv::Reader::from_path(source)?;
    let mut writer = csv::Writer::from_path(to)?;
    let headers = reader.headers()?.clone();
    writer.write_record(&headers)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let name = Path::new(source).file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    for (at, record) in reader.records().enumerate() {
        let record = record?;
        let house = row(&headers, &record).filter(|house| !house.city.is_empty());
        let Some(house) = house.filter(|_| at % every == every / 2) else {
            writer.write_record(&record)?;
            continue;
        };
        let line = json!({
            "id": format!("{name}-held_out-{at:06}"), "city": name, "variant": "held_out", "query": house.text(&house.plain_line()),
            "structured": null, "focus": null, "expect": "match", "lat": house.lat, "lon": house.lng,
            "alts": [[house.lat, house.lng]], "tol_m": 100,
        });
        writeln!(out, "{line}")?;
    }
    writer.flush()?;
    out.flush()?;
    Ok(())
}

fn houses(source: &str) -> Result<Vec<House>, Failure> {
    if source.ends_with(".pbf") {
        return extract_houses(source);
    }
    let mut reader = csv::Reader::from_path(source)?;
    let headers = reader.headers()?.clone();
    let mut houses = Vec::new();
    for record in reader.records() {
        houses.extend(row(&headers, &record?));
    }
    Ok(houses)
}

fn row(headers: &csv::StringRecord, record: &csv::StringRecord) -> Option<House> {
    let field = |name: &str| {
        headers.iter().position(|header| header == name).and_then(|at| record.get(at)).unwrap_or_default().to_owned()
    };
    let house = House {
        number: field("NUMBER"),
        street: field("STREET"),
        city: field("CITY"),
        region: field("REGION"),
        postcode: field("POSTCODE"),
        lat: field("LAT").parse().ok()?,
        lng: field("LON").parse().ok()?,
    };
    (!house.number.is_empty() && !house.street.is_empty()).then_some(house)
}

/// Places that letters are addressed to, and how far around they are felt.
const PLACES: [(&str, f64); 4] = [("city", 12_000.0), ("town", 5_000.0), ("village", 2_500.0), ("hamlet", 1_500.0)];

fn extract_houses(source: &str) -> Result<Vec<House>, Failure> {
    let mut spots: HashMap<i64, [f64; 2]> = HashMap::new();
    let mut houses = Vec::new();
    let mut places: Vec<(String, f64, [f64; 2])> = Vec::new();
    let house = |tags: &[(&str, &str)], [lat, lng]: [f64; 2]| {
        let tag = |key: &str| tags.iter().find(|(other, _)| *other == key).map(|(_, value)| (*value).to_owned());
        let (number, street) = (tag("addr:housenumber")?, tag("addr:street")?);
        (!number.contains([';', ','])).then(|| House {
            number,
            street,
            city: tag("addr:city").unwrap_or_default(),
            region: tag("addr:state").filter(|_| lng < -30.0).unwrap_or_default(),
            postcode: tag("addr:postcode").unwrap_or_default(),
            lat,
            lng,
        })
    };
    osmpbf::ElementReader::from_path(source)?.for_each(|element| match element {
        osmpbf::Element::DenseNode(node) => {
            let spot = [node.lat(), node.lon()];
            spots.insert(node.id(), spot);
            let tags: Vec<(&str, &str)> = node.tags().collect();
            houses.extend(house(&tags, spot));
            let tag = |key: &str| tags.iter().find(|(other, _)| *other == key).map(|(_, value)| *value);
            if let (Some(kind), Some(name)) = (tag("place"), tag("name"))
                && let Some((_, radius)) = PLACES.iter().find(|(place, _)| *place == kind)
            {
                places.push((name.to_owned(), *radius, spot));
            }
        }
        osmpbf::Element::Way(way) => {
            let tags: Vec<(&str, &str)> = way.tags().collect();
            let corners: Vec<[f64; 2]> = way.refs().filter_map(|id| spots.get(&id).copied()).collect();
            let Some(first) = corners.first() else {
                return;
            };
            let (low, high) = corners.iter().fold((*first, *first), |(low, high), [lat, lng]| {
                ([low[0].min(*lat), low[1].min(*lng)], [high[0].max(*lat), high[1].max(*lng)])
            });
            houses.extend(house(&tags, [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0]));
        }
        _ => {}
    })?;
    for house in houses.iter_mut().filter(|house| house.city.is_empty()) {
        let measure = |[lat, lng]: &[f64; 2], radius: f64| {
            let north = (lat - house.lat) * 111_195.0;
            let east = (lng - house.lng) * 111_195.0 * house.lat.to_radians().cos();
            north.hypot(east) / radius
        };
        let near = places.iter().map(|(name, radius, spot)| (measure(spot, *radius), name));
        if let Some((_, name)) = near.filter(|(measure, _)| *measure < 1.0).min_by(|a, b| a.0.total_cmp(&b.0)) {
            house.city.clone_from(name);
        }
    }
    Ok(houses)
}
