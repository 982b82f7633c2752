//! Names of places as people write them: told apart by their letters alone, and by what they are called in English or by
//! themselves where the standard has another name.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a country is called beside its English short name in ISO 3166-1, ordered by code. As folded by [`fold`].
const COUNTRIES: &[(&str, &[&str])] = &[
    ("AE", &["uae", "emirates"]),
    ("AT", &["osterreich"]),
    ("BE", &["belgie", "belgique", "belgien"]),
    ("BR", &["brasil"]),
    ("CH", &["schweiz", "suisse", "svizzera"]),
    ("CI", &["ivorycoast"]),
    ("CV", &["capeverde"]),
    ("CZ", &["czechrepublic", "cesko", "ceskarepublika"]),
    ("DE", &["deutschland"]),
    ("DK", &["danmark"]),
    ("EE", &["eesti"]),
    ("ES", &["espana"]),
    ("FI", &["suomi"]),
    ("GB", &["unitedkingdom", "greatbritain", "britain", "england", "scotland", "wales", "northernireland"]),
    ("HR", &["hrvatska"]),
    ("HU", &["magyarorszag"]),
    ("IE", &["eire", "republicofireland"]),
    ("IS", &["island"]),
    ("IT", &["italia"]),
    ("JP", &["nippon"]),
    ("KR", &["southkorea", "republicofkorea"]),
    ("LA", &["laos"]),
    ("LT", &["lietuva"]),
    ("LV", &["latvija"]),
    ("MK", &["macedonia"]),
    ("NL", &["thenetherlands", "nederland", "holland"]),
    ("NO", &["norge", "noreg"]),
    ("PL", &["polska"]),
    ("RU", &["russia"]),
    ("SE", &["sverige"]),
    ("SI", &["slovenija"]),
    ("SK", &["slovensko"]),
    ("SY", &["syria"]),
    ("SZ", &["swaziland"]),
    ("TR", &["turkey"]),
    ("US", &["unitedstates", "theunitedstates", "america", "usa"]),
    ("VA", &["vatican", "vaticancity"]),
    ("VN", &["vietnam"]),
];

/// What a subdivision is called beside its name in ISO 3166-2, ordered by code. As folded by [`fold`].
const SUBDIVISIONS: &[(&str, &[&str])] = &[
    ("AT-2", &["carinthia"]),
    ("AT-3", &["loweraustria"]),
    ("AT-4", &["upperaustria"]),
    ("AT-6", &["styria"]),
    ("AT-7", &["tyrol"]),
    ("AT-9", &["vienna"]),
    ("BE-BRU", &["brussels", "bruxelles", "brussel"]),
    ("BE-VAN", &["antwerp"]),
    ("BE-VBR", &["flemishbrabant"]),
    ("BE-VLG", &["flanders", "vlaanderen"]),
    ("BE-VOV", &["eastflanders"]),
    ("BE-VWV", &["westflanders"]),
    ("BE-WAL", &["wallonia", "wallonie"]),
    ("BE-WBR", &["walloonbrabant"]),
    ("CA-NL", &["newfoundland", "labrador", "terreneuveetlabrador"]),
    ("CA-NS", &["nouvelleecosse"]),
    ("CA-NB", &["nouveaubrunswick"]),
    ("CA-BC", &["colombiebritannique"]),
    ("CA-PE", &["pei", "ileduprinceedouard"]),
    ("CA-YT", &["yukonterritory"]),
    ("CH-BE", &["bern"]),
    ("CH-GE", &["geneva", "genf"]),
    ("CH-GR", &["grisons"]),
    ("CH-LU", &["lucerne"]),
    ("CH-SG", &["stgallen"]),
    ("CH-VS", &["wallis"]),
    ("CZ-10", &["prague", "praha"]),
    ("DE-BY", &["bavaria"]),
    ("DE-HE", &["hesse"]),
    ("DE-NI", &["lowersaxony"]),
    ("DE-NW", &["northrhinewestphalia", "nrw"]),
    ("DE-RP", &["rhinelandpalatinate"]),
    ("DE-SN", &["saxony"]),
    ("DE-ST", &["saxonyanhalt"]),
    ("DE-TH", &["thuringia"]),
    ("DK-81", &["northdenmark"]),
    ("DK-82", &["centraldenmark"]),
    ("DK-83", &["southerndenmark"]),
    ("DK-84", &["capitalregion"]),
    ("DK-85", &["zealand"]),
    ("ES-AN", &["andalusia"]),
    ("ES-CN", &["canaryislands"]),
    ("ES-CT", &["catalonia", "cataluna"]),
    ("ES-GI", &["gerona"]),
    ("ES-IB", &["balearicislands", "islasbaleares"]),
    ("ES-PV", &["basquecountry", "euskadi"]),
    ("ES-SE", &["seville"]),
    ("ES-VC", &["comunidadvalenciana", "comunitatvalenciana"]),
    ("FI-01", &["aland", "ahvenanmaa"]),
    ("FI-02", &["southkarelia", "sodrakarelen"]),
    ("FI-03", &["southernostrobothnia", "southostrobothnia", "sodraosterbotten"]),
    ("FI-04", &["southernsavonia", "southsavo", "sodrasavolax"]),
    ("FI-05", &["kajanaland"]),
    ("FI-06", &["tavastiaproper", "kantahame", "egentligatavastland"]),
    ("FI-07", &["centralostrobothnia", "mellerstaosterbotten"]),
    ("FI-08", &["centralfinland", "mellerstafinland"]),
    ("FI-09", &["kymmenedalen"]),
    ("FI-10", &["lapland", "lappland"]),
    ("FI-11", &["birkaland"]),
    ("FI-12", &["ostrobothnia", "osterbotten"]),
    ("FI-13", &["northkarelia", "norrakarelen"]),
    ("FI-14", &["northernostrobothnia", "northostrobothnia", "norraosterbotten"]),
    ("FI-15", &["northernsavonia", "northsavo", "norrasavolax"]),
    ("FI-16", &["paijannetavastland"]),
    ("FI-17", &["satakunda"]),
    ("FI-18", &["nyland"]),
    ("FI-19", &["southwestfinland", "finlandproper", "egentligafinland"]),
    ("GR-I", &["attica"]),
    ("GR-M", &["crete"]),
    ("IT-21", &["piedmont"]),
    ("IT-23", &["aostavalley"]),
    ("IT-25", &["lombardy"]),
    ("IT-32", &["trentinosouthtyrol", "trentinoaltoadigesudtirol"]),
    ("IT-52", &["tuscany"]),
    ("IT-75", &["apulia"]),
    ("IT-82", &["sicily"]),
    ("IT-88", &["sardinia"]),
    ("IT-FI", &["florence"]),
    ("IT-GE", &["genoa"]),
    ("IT-MI", &["milan"]),
    ("IT-NA", &["naples"]),
    ("IT-RM", &["rome"]),
    ("IT-TO", &["turin"]),
    ("IT-VE", &["venice"]),
    ("MX-CMX", &["cdmx", "mexicocity", "distritofederal"]),
    ("MX-COA", &["coahuila"]),
    ("MX-MEX", &["estadodemexico"]),
    ("MX-MIC", &["michoacan"]),
    ("MX-VER", &["veracruz"]),
    ("NL-FR", &["friesland"]),
    ("NL-NB", &["northbrabant"]),
    ("NL-NH", &["northholland"]),
    ("NL-ZH", &["southholland"]),
    ("PL-02", &["lowersilesia"]),
    ("PL-10", &["lodz"]),
    ("PL-12", &["lesserpoland"]),
    ("PL-14", &["masovia", "mazovia"]),
    ("PL-22", &["pomerania"]),
    ("PL-24", &["silesia"]),
    ("PL-30", &["greaterpoland"]),
    ("PL-32", &["westpomerania"]),
    ("PT-11", &["lisbon"]),
    ("PT-20", &["azores", "acores"]),
    ("PT-30", &["madeira"]),
    ("SE-AB", &["stockholm"]),
    ("SE-AC", &["vasterbotten"]),
    ("SE-BD", &["norrbotten"]),
    ("SE-C", &["uppsala"]),
    ("SE-D", &["sodermanland"]),
    ("SE-E", &["ostergotland"]),
    ("SE-F", &["jonkoping"]),
    ("SE-G", &["kronoberg"]),
    ("SE-H", &["kalmar"]),
    ("SE-I", &["gotland"]),
    ("SE-K", &["blekinge"]),
    ("SE-M", &["skane", "scania"]),
    ("SE-N", &["halland"]),
    ("SE-O", &["vastragotaland"]),
    ("SE-S", &["varmland"]),
    ("SE-T", &["orebro"]),
    ("SE-U", &["vastmanland"]),
    ("SE-W", &["dalarna"]),
    ("SE-X", &["gavleborg"]),
    ("SE-Y", &["vasternorrland"]),
    ("SE-Z", &["jamtland"]),
    ("US-DC", &["washingtondc"]),
    ("US-VI", &["virginislands", "usvirginislands"]),
];

/// The letters and digits of a name: lower case, without accents, spaces and points. Empty where it has none.
pub(super) fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for letter in name.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        match letter {
            // Letters of their own, which are no letter with an accent to Unicode.
            'ł' => folded.push('l'),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            letter if letter.is_alphanumeric() => folded.push(letter),
            _ => {}
        }
    }
    folded
}

/// The folded names under which a name of the standard is known: as it stands (`Asturias, Principado de`), the other way
/// round (`Principado de Asturias`), and with umlauts written out (`Thueringen`).
pub(super) fn spellings(name: &str) -> impl Iterator<Item = String> {
    let turned = name.split_once(", ").map(|(name, before)| fold(&format!("{before} {name}")));
    let written_out = name
        .contains(['ä', 'ö', 'ü', 'Ö'])
        .then(|| fold(&name.replace('ä', "ae").replace('ö', "oe").replace('Ö', "Oe").replace('ü', "ue")));
    std::iter::once(fold(name)).chain(turned).chain(written_out)
}

/// The alpha-2 code of a country of this folded name.
pub(super) fn country_named(folded: &str) -> Option<&'static str> {
    COUNTRIES.iter().find(|(_, names)| names.contains(&folded)).map(|(code, _)| *code)
}

/// The whole code of a subdivision of this folded name in a country.
pub(super) fn subdivision_named(folded: &str, country: &str) -> Option<&'static str> {
    let is_there = |code: &str| code.split_once('-').is_some_and(|(within, _)| within == country);
    SUBDIVISIONS.iter().find(|(code, names)| is_there(code) && names.contains(&folded)).map(|(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rust_iso3166::{from_alpha2, iso3166_2};

    use super::*;

    #[test]
    fn names_are_folded_and_codes_are_the_standards() {
        let mut seen = HashSet::new();
        for (code, names) in COUNTRIES {
            assert!(from_alpha2(code).is_some(), "{code}");
            for name in *names {
                assert!(*name == fold(name) && seen.insert((*name).to_owned()), "{name}");
            }
        }
        seen.clear();
        for (code, names) in SUBDIVISIONS {
            assert!(iso3166_2::from_code(code).is_some(), "{code}");
            for name in *names {
                assert!(*name == fold(name) && seen.insert(format!("{}{name}", &code[..2])), "{name}");
            }
        }
    }

    #[test]
    fn names_lose_all_but_letters_and_digits() {
        for (name, folded) in [
            ("  Québec ", "quebec"),
            ("Washington, D.C.", "washingtondc"),
            ("Łódzkie", "lodzkie"),
            ("Åland", "aland"),
            ("Møre og Romsdal", "moreogromsdal"),
            ("ΑΘΗΝΑ", "αθηνα"),
            ("?!", ""),
        ] {
            assert_eq!(fold(name), folded, "{name}");
        }
    }
}
