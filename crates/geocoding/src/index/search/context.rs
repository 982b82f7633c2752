//! What of a query says where: places, postcodes, regions and countries, and how well an answer agrees with them.

use super::judge::Site;
use super::lattice::{Span, linked, mask};
use super::token::{Field, Token};
use crate::index::country::{self, Country};
use crate::index::file::{NONE, PlaceRecord, PostcodeRecord, View};
use crate::index::street::{Area, Spot};

/// Words that have the shape of a postcode.
#[derive(Debug, Clone)]
pub(super) struct PostcodeSpan {
    pub(super) start: u8,
    pub(super) end: u8,
    /// Whether it can be nothing else: not a number alone.
    pub(super) is_distinct: bool,
    /// Small letters and digits.
    pub(super) text: String,
    /// Where those are that begin so; none if there are none.
    pub(super) known: [u32; 2],
    /// Countries in which it has the right shape.
    pub(super) countries: Vec<Country>,
}

/// Words that name countries or regions.
#[derive(Debug, Clone)]
pub(super) struct AreaSpan {
    pub(super) start: u8,
    pub(super) end: u8,
    pub(super) areas: &'static [country::Area],
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Context {
    pub(super) places: Vec<Span>,
    pub(super) postcodes: Vec<PostcodeSpan>,
    pub(super) areas: Vec<AreaSpan>,
    pub(super) focus: Option<Spot>,
    /// Words as bits: those that are on parcels and in no address, or left out of names.
    pub(super) noise: u32,
    /// Those with digits.
    pub(super) numbers: u32,
    /// Kinds of streets.
    pub(super) types: u32,
    pub(super) directions: u32,
}

/// Costs of a place that is named and is not the own one.
const NEAR_PLACE: f32 = 0.02;
const NEXT_PLACE: f32 = 0.15;
const REGIONAL_PLACE: f32 = 0.45;
const FAR_PLACE: f32 = 2.0;

const NEAR_POSTCODE: f32 = 0.05;
const NEXT_POSTCODE: f32 = 0.14;
const REGIONAL_POSTCODE: f32 = 0.40;
const FAR_POSTCODE: f32 = 0.50;
const ALIKE_POSTCODE: f32 = 0.14;
const UNKNOWN_POSTCODE: f32 = 0.30;
const UNKNOWN_BESIDE_NONE: f32 = 0.20;

const OTHER_REGION: f32 = 0.7;
const OTHER_COUNTRY: f32 = 0.4;

/// The most that a focus costs: no more than what tells equals apart.
const FAR_FROM_FOCUS: f32 = 0.05;

impl Context {
    pub(super) fn new(view: &View<'_>, tokens: &[Token], spans: &[Span], focus: Option<Spot>) -> Self {
        let places = linked(view, spans, |key| key.places[1] > 0);
        let is_for_place = |span: &Span| {
            let mut fields = tokens.iter().take(usize::from(span.end)).skip(usize::from(span.start));
            let first = fields.next().map(|token| token.field);
            matches!(first, Some(Field::Any | Field::City | Field::Line | Field::Region))
                && fields.all(|token| Some(token.field) == first)
        };
        // The longest first, and those of the same words together.
        let mut places: Vec<Span> = places.into_iter().filter(is_for_place).collect();
        places.sort_by_key(|span| (std::cmp::Reverse(span.end - span.start), span.start, span.key));
        let mut areas = areas(tokens);
        areas.sort_by_key(|span| std::cmp::Reverse(span.end - span.start));
        let bits = |is_it: &dyn Fn(&Token) -> bool| {
            let those = tokens.iter().enumerate().filter(|(_, token)| is_it(token));
            those.fold(0, |bits, (at, _)| bits | mask(at as u8, at as u8 + 1))
        };
        Self {
            places,
            postcodes: postcodes(view, tokens),
            areas,
            focus,
            noise: bits(&|token| token.role.is_noise || token.role.is_dropped),
            numbers: bits(&|token| !token.is_word()),
            types: bits(&|token| token.role.is_trailing_type || token.role.is_leading_type),
            directions: bits(&|token| is_direction(&token.text)),
        }
    }

    /// Whether the answer is where the user is.
    pub(super) fn is_focus_near(&self, spot: Spot) -> bool {
        self.focus.is_some_and(|focus| focus.far_distance_m(spot) < NEAR_FOCUS_M)
    }

    /// Whether anything says where.
    pub(super) fn has_any(&self) -> bool {
        !self.places.is_empty() || !self.postcodes.is_empty() || !self.areas.is_empty() || self.focus.is_some()
    }

    /// How well a place asked for agrees with where an answer is.
    pub(super) fn place_cost(&self, view: &View<'_>, span: &Span, site: &Site) -> f32 {
        let own = site.place;
        let Some(record) = view.keys.get(span.key as usize) else {
            return FAR_PLACE;
        };
        let [first, count] = record.places;
        if own >= first && own - first < count {
            return span.cost;
        }
        let own_radius = view.places.get(own as usize).map_or(0, |place| place.radius_m.min(3_000));
        let costs = View::range(view.places, record.places).iter().map(|place| place_cost(place, site, own_radius));
        costs.fold(FAR_PLACE, f32::min) + span.cost
    }

    pub(super) fn focus_cost(&self, spot: Spot) -> f32 {
        self.focus.map_or(0.0, |focus| {
            let distance_m = focus.far_distance_m(spot);
            FAR_FROM_FOCUS * (1.0 - (-distance_m / 15_000.0).exp()) as f32
        })
    }
}

/// An answer nearer to the focus than this needs no other word of where it is.
const NEAR_FOCUS_M: f64 = 50_000.0;

/// Whether what is between a number and a street's name is part of that name: the number of a reordered address, with a
/// town behind it, is a postcode.
pub(super) fn stands_in_line(tokens: &[Token], place: &Span, street: &Span, postcode: u32) -> bool {
    let before = usize::from(place.start).checked_sub(1).and_then(|at| Some((at as u8, tokens.get(at)?)));
    place.end == street.start
        && before.is_some_and(|(at, token)| token.has_number() && mask(at, at + 1) & postcode == 0)
}

fn is_direction(text: &str) -> bool {
    matches!(text, "north" | "south" | "east" | "west" | "n" | "s" | "e" | "w" | "ne" | "nw" | "se" | "sw")
}

fn place_cost(place: &PlaceRecord, site: &Site, own_radius_m: u32) -> f32 {
    let radius = f64::from(place.radius_m);
    let distance = (Spot { lat: place.lat, lng: place.lng }.far_distance_m(site.spot) - site.slack_m).max(0.0);
    if distance <= radius {
        NEAR_PLACE + 0.02 * (distance / radius.max(1.0)) as f32
    } else if distance <= radius * 1.5 + 2_000.0 + f64::from(own_radius_m) {
        NEXT_PLACE
    } else if distance <= radius + 20_000.0 {
        REGIONAL_PLACE
    } else {
        FAR_PLACE
    }
}

/// How well a postcode asked for agrees with a place that has one or none.
pub(super) fn postcode_cost(view: &View<'_>, span: &PostcodeSpan, site: &Site) -> f32 {
    let own = site.postcode;
    let known = || View::range(view.postcodes, span.known).iter();
    let own_record = view.postcodes.get(own as usize);
    let own_text = own_record.map_or("", |record| view.text(record.text));
    if !own_text.is_empty() && (own_text == span.text || (span.known[1] > 0 && own_text.starts_with(&span.text))) {
        return 0.0;
    }
    let near = known().map(|record| known_cost(record, site)).fold(f32::INFINITY, f32::min);
    if near.is_finite() {
        // A house without a postcode of its own is as good as one with it, if it stands there.
        return if own == NONE && near <= NEAR_POSTCODE { 0.02 } else { near };
    }
    let alike = span.text.bytes().zip(own_text.bytes()).take_while(|(a, b)| a == b).count();
    match () {
        () if own_text.is_empty() => UNKNOWN_BESIDE_NONE,
        () if alike >= 3 => ALIKE_POSTCODE,
        () => UNKNOWN_POSTCODE,
    }
}

fn known_cost(record: &PostcodeRecord, site: &Site) -> f32 {
    let distance = (Spot { lat: record.lat, lng: record.lng }.far_distance_m(site.spot) - site.slack_m).max(0.0);
    let radius = f64::from(record.radius_m).min(5_000.0);
    match () {
        () if distance <= radius + 1_000.0 => NEAR_POSTCODE,
        () if distance <= radius + 8_000.0 => NEXT_POSTCODE,
        () if distance <= radius + 40_000.0 => REGIONAL_POSTCODE,
        () => FAR_POSTCODE,
    }
}

/// How well countries and regions asked for agree with those of a place.
pub(super) fn area_cost(view: &View<'_>, span: &AreaSpan, own: Country, place: u32) -> f32 {
    let region = view.places.get(place as usize).map_or(u16::MAX, |place| place.region);
    let cost = |area: &country::Area| match *area {
        country::Area::Country(country) if country == own => 0.0,
        country::Area::Country(_) => OTHER_COUNTRY,
        country::Area::Region(country, _) if country != own => OTHER_COUNTRY,
        country::Area::Region(_, asked) if region == asked || region == u16::MAX => 0.0,
        country::Area::Region(..) => OTHER_REGION,
    };
    span.areas.iter().map(cost).fold(OTHER_REGION, f32::min)
}

/// Runs of one or two words with the shape of a postcode of a country that is in the index, or that are one.
fn postcodes(view: &View<'_>, tokens: &[Token]) -> Vec<PostcodeSpan> {
    let mut spans = Vec::new();
    for start in 0..tokens.len() {
        for count in 1..=2 {
            let Some(run) = tokens.get(start..start + count) else {
                continue;
            };
            if run.iter().any(|token| !matches!(token.field, Field::Any | Field::Postcode)) {
                continue;
            }
            if !run.iter().any(|token| token.text.contains(|letter: char| letter.is_ascii_digit())) {
                continue;
            }
            let written = run.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ");
            let mut text: String = written.chars().filter(char::is_ascii_alphanumeric).collect();
            if !(3..=10).contains(&text.len()) || written.contains('/') {
                continue;
            }
            let countries = view.countries.iter().map(|country| Country(*country));
            let mut countries: Vec<Country> = countries.filter(|country| country.has_postcode(&written)).collect();
            let mut known = known(view, &text);
            if known[1] == 0 && text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit()) {
                // Nine American digits: the first five are indexed.
                text.truncate(5);
                known = self::known(view, &text);
            }
            let is_given = run.iter().all(|token| token.field == Field::Postcode);
            if is_given {
                countries.extend(View::range(view.postcodes, known).iter().map(|record| Country(record.country)));
            }
            if !countries.is_empty() {
                let is_distinct = count > 1 || written.contains(|letter: char| !letter.is_ascii_digit());
                let (start, end) = (start as u8, (start + count) as u8);
                spans.push(PostcodeSpan { start, end, is_distinct, text, known, countries });
            }
        }
    }
    spans
}

/// The postcodes that begin so, if they are few: a whole one, or an outward code.
fn known(view: &View<'_>, text: &str) -> [u32; 2] {
    let of = |record: &PostcodeRecord| view.text(record.text);
    let first = view.postcodes.partition_point(|record| of(record) < text);
    let rest = view.postcodes.get(first..).unwrap_or_default();
    let equal = rest.iter().take_while(|record| of(record) == text).count();
    let count =
        if equal > 0 { equal } else { rest.iter().take(400).take_while(|record| of(record).starts_with(text)).count() };
    [first as u32, count as u32]
}

/// Runs of words that name countries or regions.
fn areas(tokens: &[Token]) -> Vec<AreaSpan> {
    let mut spans: Vec<AreaSpan> = Vec::new();
    for start in 0..tokens.len() {
        let mut name = String::new();
        for (count, token) in tokens.iter().skip(start).take(4).enumerate() {
            if !token.is_word() || !matches!(token.field, Field::Any | Field::Region | Field::Country | Field::City) {
                break;
            }
            if count > 0 {
                name.push(' ');
            }
            name.push_str(&token.text);
            let areas = country::areas(&name);
            if !areas.is_empty() {
                spans.push(AreaSpan { start: start as u8, end: (start + count + 1) as u8, areas });
            }
        }
    }
    spans
}

impl PostcodeSpan {
    pub(super) fn is_of(&self, country: Country) -> bool {
        self.countries.contains(&country)
    }

    /// The words of it as bits.
    pub(super) const fn mask(&self) -> u32 {
        mask(self.start, self.end)
    }
}

impl AreaSpan {
    /// The words of it as bits.
    pub(super) const fn mask(&self) -> u32 {
        mask(self.start, self.end)
    }
}

/// The place and the postcode of an answer, where there are any.
pub(super) fn of_area(area: Option<Area>, place: u32) -> (u32, u32) {
    area.map_or((place, NONE), |area| (if area.place == NONE { place } else { area.place }, area.postcode))
}
