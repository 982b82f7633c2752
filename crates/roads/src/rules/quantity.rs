//! Numbers with units as mappers write them.

/// `50`, `30 mph`: kilometres per hour. `None` where it does not begin with a digit.
pub(super) fn speed_kmh(text: &str) -> Option<f64> {
    let number = leading_digits(text)?;
    let is_mph = text.contains("mph") || text.contains("mp/h");
    Some(if is_mph { number * 1.609 } else { number })
}

/// `3.5`, `3,5 m`, `6'7"`: metres.
pub(super) fn metres(text: &str) -> Option<f64> {
    let number = first_number(text)?;
    let Some((_, inches)) = text.split_once('\'') else {
        return Some(number);
    };
    let inches = inches.trim_start_matches(|c: char| !c.is_ascii_digit());
    Some((number * 12.0 + leading_digits(inches).unwrap_or(0.0)) * 0.0254)
}

/// `3.5` (tonnes), `7716 lbs`, `3500 kg`: kilogrammes.
pub(super) fn kilogrammes(text: &str) -> Option<f64> {
    let number = first_number(text)?;
    Some(if text.contains("lbs") {
        number * 0.453_592_37
    } else if text.contains("kg") {
        number
    } else {
        number * 1000.0
    })
}

/// `1:30`, `01:30:00`, `PT1H30M`, `45` (minutes): seconds.
///
/// Source: OpenStreetMap wiki, Key:duration; ISO 8601 durations.
pub(super) fn duration_s(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Some(iso) = text.strip_prefix('P') {
        return iso_duration_s(iso);
    }
    let parts: Vec<f64> = text.split(':').map(|part| part.parse::<u32>().ok().map(f64::from)).collect::<Option<_>>()?;
    match *parts.as_slice() {
        [minutes] => Some(minutes * 60.0),
        [hours, minutes] => Some(hours * 3600.0 + minutes * 60.0),
        [hours, minutes, seconds] => Some(hours * 3600.0 + minutes * 60.0 + seconds),
        _ => None,
    }
}

fn iso_duration_s(text: &str) -> Option<f64> {
    let mut seconds = 0.0;
    let mut number = String::new();
    let mut is_time = false;
    for c in text.chars() {
        let unit = match (c, is_time) {
            ('T', false) => {
                is_time = true;
                continue;
            }
            ('0'..='9' | '.', _) => {
                number.push(c);
                continue;
            }
            ('W', false) => 604_800.0,
            ('D', false) => 86_400.0,
            ('H', true) => 3600.0,
            ('M', true) => 60.0,
            ('S', true) => 1.0,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * unit;
        number.clear();
    }
    (number.is_empty() && seconds > 0.0).then_some(seconds)
}

/// The digits a text begins with.
pub(super) fn leading_digits(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

/// The first decimal number anywhere in a text.
fn first_number(text: &str) -> Option<f64> {
    let text = text.get(text.find(|c: char| c.is_ascii_digit())?..)?;
    let mut has_point = false;
    let end = text.find(|c: char| {
        let is_point = matches!(c, '.' | ',') && !has_point;
        has_point |= is_point;
        !is_point && !c.is_ascii_digit()
    });
    let text = text.get(..end.unwrap_or(text.len()))?.replace(',', ".");
    text.trim_end_matches('.').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(parse: fn(&str) -> Option<f64>, text: &str, expected: Option<f64>) {
        let found = parse(text);
        let same = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-6,
            _ => found == expected,
        };
        assert!(same, "{text}: {found:?}");
    }

    #[test]
    fn speeds_may_be_in_miles() {
        check(speed_kmh, "50", Some(50.0));
        check(speed_kmh, "30 mph", Some(48.27));
        check(speed_kmh, "50;30", Some(50.0));
        check(speed_kmh, "RO:urban", None);
        check(speed_kmh, "", None);
    }

    #[test]
    fn lengths_may_be_in_feet() {
        check(metres, "3,5 m", Some(3.5));
        check(metres, "~2.", Some(2.0));
        check(metres, "6'7\"", Some(79.0 * 0.0254));
        check(metres, "13'", Some(156.0 * 0.0254));
        check(metres, "narrow", None);
    }

    #[test]
    fn weights_are_tonnes_unless_said_otherwise() {
        check(kilogrammes, "3.5", Some(3500.0));
        check(kilogrammes, "3500 kg", Some(3500.0));
        check(kilogrammes, "1000 lbs", Some(453.592_37));
    }

    #[test]
    fn durations_come_in_three_spellings() {
        check(duration_s, "45", Some(2700.0));
        check(duration_s, "01:30", Some(5400.0));
        check(duration_s, "00:10:30", Some(630.0));
        check(duration_s, "PT1H30M", Some(5400.0));
        check(duration_s, "P1DT1M", Some(86_460.0));
        check(duration_s, "P", None);
        check(duration_s, "an hour", None);
    }
}
