//! How well each street, point and place answers a query: one cost, zero for what is right in every word.

use std::borrow::Cow;

use super::agreement::Agreement;
use super::context::{Context, of_area};
use super::ladder::{self, AreaFit, Opened, Rung};
use super::lattice::{Span, mask};
use super::numbers::{self, Asked};
use super::token::{Field, Token};
use crate::MatchType;
use crate::index::country::Country;
use crate::index::file::{PointRecord, StreetRecord, View};
use crate::index::names::LinkKind;
use crate::index::street::Spot;

/// What an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Street(u32),
    Point(u32),
    Place(u32),
    Postcode(u32),
}

/// An answer and what it costs.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) subject: Subject,
    pub(super) rung: Rung,
    pub(super) cost: f32,
    /// Words that nothing was made of, as bits.
    pub(super) left_over: u32,
}

impl Judged {
    /// Whether it is a house of that very number: then it is not the street that is misspelled.
    pub(super) fn is_house(&self) -> bool {
        matches!(self.subject, Subject::Street(_)) && self.rung.match_type == MatchType::Exact
    }
}

/// Costs of answers of each kind, and of numbers that are not where they belong.
const NAME_ALONE: f32 = 0.45;
const GAP: f32 = 0.05;
const NUMBER_UNUSED: f32 = 0.50;
const NUMBER_ELSEWHERE: f32 = 0.25;
const POSTCODE_AS_NUMBER: f32 = 0.40;
/// What is called Praça and no more, or 5.
const TYPE_ALONE: f32 = 0.15;
const NUMBER_ALONE: f32 = 0.35;
const POINT: f32 = 0.04;
const POINT_WITHOUT_CONTEXT: f32 = 0.40;
const POINT_AS_TOWN: f32 = 0.60;
const STREET_AS_TOWN: f32 = 0.50;
const PLACE: f32 = 0.52;
const POSTCODE: f32 = 0.62;

/// Streets of one name that are looked at closely.
const MOST_STREETS: usize = 8;

pub(super) struct Judge<'j> {
    pub(super) view: &'j View<'j>,
    pub(super) tokens: &'j [Token],
    pub(super) context: &'j Context,
    pub(super) asked: &'j [Asked],
    pub(super) units: u32,
    pub(super) country: Option<Country>,
}

/// What is known of an answer before the query's other words are held against it.
#[derive(Clone, Copy)]
pub(super) struct Site {
    pub(super) spot: Spot,
    /// How far from there the answer may be in the end.
    pub(super) slack_m: f64,
    pub(super) place: u32,
    pub(super) postcode: u32,
    pub(super) country: Country,
}

impl Judge<'_> {
    pub(super) const fn all(&self) -> u32 {
        mask(0, self.tokens.len() as u8)
    }

    fn is_allowed(&self, country: u16) -> bool {
        self.country.is_none_or(|only| only.0 == country)
    }

    /// Whether a name may be that of a street or a point: all of it in the line.
    pub(super) fn is_line(&self, span: &Span) -> bool {
        let run = self.tokens.iter().take(usize::from(span.end)).skip(usize::from(span.start));
        run.clone().all(|token| token.field == Field::Any) || run.clone().all(|token| token.field == Field::Line)
    }

    /// Judges the streets that a span names.
    pub(super) fn streets(&self, span: &Span, limit: f32, into: &mut Vec<Judged>) {
        let Some(record) = self.view.keys.get(span.key as usize) else {
            return;
        };
        let [first, _] = record.streets;
        let streets = View::range(self.view.streets, record.streets);
        let mut order: Vec<(f32, u32)> = Vec::with_capacity(streets.len());
        for (at, street) in streets.iter().enumerate().filter(|(_, street)| self.is_allowed(street.country)) {
            let site = site(street);
            let rest = self.all() & !span.mask();
            order.push((self.agreement(&site, rest, span).cost, first + at as u32));
        }
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let span = &Span { cost: span.cost + self.plainness(span), ..*span };
        let mut opened = Opened::default();
        for &(cost, number) in order.iter().take(MOST_STREETS) {
            if cost + span.cost > limit {
                break;
            }
            if let Some(street) = self.view.streets.get(number as usize) {
                self.street(span, number, street, &mut opened, into);
            }
        }
    }

    fn street<'s>(
        &'s self,
        span: &Span,
        number: u32,
        street: &StreetRecord,
        opened: &mut Opened<'s>,
        into: &mut Vec<Judged>,
    ) {
        let centre = Spot { lat: street.lat, lng: street.lng };
        let bytes = self.view.street_data.get(street.data as usize..).unwrap_or_default();
        let rest = self.all() & !span.mask();
        let mut best: Option<Judged> = None;
        let mut offer = |rung: Rung, rest: u32, extra: f32| {
            let (place, postcode) = of_area(rung.area, street.place);
            let site = Site { spot: rung.spot, slack_m: 0.0, place, postcode, country: Country(street.country) };
            let Agreement { cost, left_over, .. } = self.agreement(&site, rest, span);
            let cost = cost + rung.cost + extra + span.cost;
            if best.as_ref().is_none_or(|best| cost < best.cost) {
                best = Some(Judged { subject: Subject::Street(number), rung, cost, left_over });
            }
        };
        // A word such as `place` goes with no flat while it is in the name.
        let asked: Cow<'_, [Asked]> = if self.units & span.mask() == 0 {
            Cow::Borrowed(self.asked)
        } else {
            Cow::Owned(numbers::asked(self.tokens, numbers::units(self.tokens, span.mask())))
        };
        let mut asked = asked.iter().filter(|asked| asked.mask & span.mask() == 0).peekable();
        let has_context = self.context.has_any() || asked.peek().is_some();
        if asked.peek().is_some() {
            opened.read(bytes, centre, street.addresses);
        }
        for asked in asked.filter(|asked| opened.has_blocks || !asked.is_compound()) {
            let rest = rest & !asked.mask;
            let agreements: Vec<Agreement> = opened
                .areas
                .iter()
                .zip(&opened.area_spots)
                .map(|(area, spot)| {
                    let (place, postcode) = of_area(Some(*area), street.place);
                    let site = Site { spot: *spot, slack_m: 0.0, place, postcode, country: Country(street.country) };
                    self.agreement(&site, rest, span)
                })
                .collect();
            let least = agreements.iter().map(|agreement| agreement.cost).fold(f32::INFINITY, f32::min);
            let is_place_known = agreements.iter().any(|agreement| agreement.is_in_place);
            let fit = |agreement: &Agreement| AreaFit {
                cost: agreement.cost - least,
                is_elsewhere: is_place_known && !agreement.is_in_place,
            };
            let fits: Vec<AreaFit> = agreements.iter().map(fit).collect();
            let extra = self.number_cost(asked, Country(street.country)) + self.gap(asked.mask, span);
            match opened.climb(asked, &fits) {
                Some(rung) => offer(rung, rest, extra),
                None => offer(
                    ladder::street(bytes, centre, street.addresses, self.towards(street, rest), true),
                    rest,
                    extra,
                ),
            }
        }
        let extra = self.unused_number(&site(street), span);
        let alone = if has_context { 0.0 } else { NAME_ALONE };
        let towards = self.towards(street, rest);
        // Newport alone is no Newport Road.
        let is_shortened = span.link.is_some_and(|link| link != LinkKind::OtherName);
        let as_town = if is_shortened && self.is_town(span) { STREET_AS_TOWN } else { 0.0 };
        offer(ladder::street(bytes, centre, street.addresses, towards, false), rest, extra + alone + as_town);
        let twins = best.iter().filter(|best| best.is_house()).flat_map(|best| {
            opened
                .twins(&best.rung)
                .into_iter()
                .map(|spot| Judged { rung: Rung { spot, between: None, ..best.rung.clone() }, ..best.clone() })
        });
        let twins: Vec<Judged> = twins.collect();
        into.extend(best);
        into.extend(twins);
    }

    /// Which part of a long street is meant: that by the place or the postcode asked for.
    fn towards(&self, street: &StreetRecord, rest: u32) -> Spot {
        let centre = Spot { lat: street.lat, lng: street.lng };
        let reach = f64::from(street.radius_m) + 1_000.0;
        let of_postcodes = self.context.postcodes.iter().filter(|span| rest & span.mask() == span.mask());
        let of_postcodes = of_postcodes.flat_map(|span| View::range(self.view.postcodes, span.known).iter().take(1));
        let of_postcodes = of_postcodes.map(|record| (record.radius_m, Spot { lat: record.lat, lng: record.lng }));
        let of_places = self.context.places.iter().filter(|span| rest & span.mask() == span.mask());
        let of_places = of_places.filter_map(|span| self.view.keys.get(span.key as usize));
        let of_places = of_places.flat_map(|key| View::range(self.view.places, key.places));
        let of_places = of_places.map(|place| (place.radius_m, Spot { lat: place.lat, lng: place.lng }));
        let near = of_postcodes
            .chain(of_places)
            .filter(|(radius_m, spot)| *radius_m < street.radius_m && centre.far_distance_m(*spot) < reach);
        near.min_by_key(|(radius_m, _)| *radius_m).map_or(centre, |(_, spot)| spot)
    }

    /// The cost of a number that the name makes no use of, and that is no postcode either.
    fn unused_number(&self, site: &Site, span: &Span) -> f32 {
        let rest = self.all() & !span.mask();
        let postcode = self.best_postcode(site, rest).map_or(0, |(_, postcode)| postcode.mask());
        let left = self
            .asked
            .iter()
            .filter(|asked| asked.mask & (span.mask() | postcode) == 0 && asked.cost < numbers::AFTER_UNIT_WORD);
        let gap = left.map(|asked| self.gap(asked.mask, span)).fold(f32::INFINITY, f32::min);
        match () {
            () if gap < 2.0 * GAP => NUMBER_UNUSED,
            () if gap.is_finite() => NUMBER_ELSEWHERE,
            () => 0.0,
        }
    }

    /// What it costs to take words for the house number in a country. Letters and digits that have the very shape of a
    /// postcode there are one.
    fn number_cost(&self, asked: &Asked, country: Country) -> f32 {
        let mut spans = self.context.postcodes.iter();
        let is_postcode = spans.any(|span| span.is_distinct && span.mask() & asked.mask != 0 && span.is_of(country));
        asked.cost_in(country) + if is_postcode { POSTCODE_AS_NUMBER } else { 0.0 }
    }

    /// Words between a number and its street that belong to neither.
    fn gap(&self, number: u32, span: &Span) -> f32 {
        let first = number.trailing_zeros() as u8;
        let last = (u32::BITS - number.leading_zeros()) as u8;
        let between = if last <= span.start { mask(last, span.start) } else { mask(span.end, first.max(span.end)) };
        let idle = self.units | self.context.noise;
        GAP * (between & !idle).count_ones() as f32
    }

    /// Judges the points of interest that a span names.
    pub(super) fn points(&self, span: &Span, into: &mut Vec<Judged>) {
        let Some(record) = self.view.keys.get(span.key as usize) else {
            return;
        };
        let rest = self.all() & !span.mask();
        let mut found: Vec<Judged> = Vec::new();
        for (at, point) in View::range(self.view.points, record.points).iter().enumerate() {
            if !self.is_allowed(point.country) {
                continue;
            }
            let number = record.points[0] + at as u32;
            let site = Site {
                spot: Spot { lat: point.lat, lng: point.lng },
                slack_m: 0.0,
                place: point.place,
                postcode: crate::index::file::NONE,
                country: Country(point.country),
            };
            let Agreement { cost, left_over, .. } = self.agreement(&site, rest, span);
            let unused = self.unused_number(&site, span);
            found.push(self.point(span, number, point, cost + span.cost + unused + self.plainness(span), left_over));
        }
        found.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        found.truncate(MOST_STREETS);
        into.append(&mut found);
    }

    /// Whether these words are the only town of the query: then that is what they mean, whatever else is called so.
    fn is_town(&self, span: &Span) -> bool {
        let mut exact = self.context.places.iter().filter(|place| place.cost == 0.0);
        exact.clone().any(|place| place.mask() == span.mask()) && !exact.any(|place| place.mask() & span.mask() == 0)
    }

    /// What a name costs that says as good as nothing.
    fn plainness(&self, span: &Span) -> f32 {
        let lacks_others_than = |words: u32| span.mask() & !words == 0;
        match () {
            () if lacks_others_than(self.context.types) => TYPE_ALONE,
            () if lacks_others_than(self.context.numbers) => NUMBER_ALONE,
            () => 0.0,
        }
    }

    fn point(&self, span: &Span, number: u32, point: &PointRecord, cost: f32, left_over: u32) -> Judged {
        let spot = Spot { lat: point.lat, lng: point.lng };
        let is_near = self.context.focus.is_some_and(|focus| focus.far_distance_m(spot) < 50_000.0);
        let has_context = is_near || !self.context.places.is_empty() || !self.context.postcodes.is_empty();
        let extra = if has_context { POINT } else { POINT_WITHOUT_CONTEXT };
        let extra = extra + if self.is_town(span) { POINT_AS_TOWN } else { 0.0 };
        // Of two of one name the larger is the better known.
        let size = 0.004 * (1.0 - f32::from(point.weight.min(1_000)) / 1_000.0);
        let rung = Rung::at(MatchType::Exact, spot);
        Judged { subject: Subject::Point(number), rung, cost: cost + extra + size, left_over }
    }

    /// Judges settlements and postcodes on their own.
    pub(super) fn places(&self, into: &mut Vec<Judged>) {
        for span in &self.context.places {
            let Some(record) = self.view.keys.get(span.key as usize) else {
                continue;
            };
            for (at, place) in View::range(self.view.places, record.places).iter().enumerate().take(MOST_STREETS) {
                if !self.is_allowed(place.country) {
                    continue;
                }
                let number = record.places[0] + at as u32;
                let spot = Spot { lat: place.lat, lng: place.lng };
                let site = Site {
                    spot,
                    slack_m: 0.0,
                    place: number,
                    postcode: crate::index::file::NONE,
                    country: Country(place.country),
                };
                let Agreement { cost, left_over, .. } = self.agreement(&site, self.all() & !span.mask(), span);
                let rung = Rung::at(MatchType::Locality, spot);
                into.push(Judged { subject: Subject::Place(number), rung, cost: cost + span.cost + PLACE, left_over });
            }
        }
        for postcode in &self.context.postcodes {
            for (at, record) in View::range(self.view.postcodes, postcode.known).iter().enumerate().take(2) {
                if !self.is_allowed(record.country) || self.view.text(record.text) != postcode.text {
                    continue;
                }
                let number = postcode.known[0] + at as u32;
                let spot = Spot { lat: record.lat, lng: record.lng };
                let (place, country) = (crate::index::file::NONE, Country(record.country));
                let site = Site { spot, slack_m: 0.0, place, postcode: number, country };
                let span = Span { start: postcode.start, end: postcode.end, key: 0, cost: 0.0, link: None };
                let Agreement { cost, left_over, .. } = self.agreement(&site, self.all() & !span.mask(), &span);
                let rung = Rung::at(MatchType::Postcode, spot);
                into.push(Judged { subject: Subject::Postcode(number), rung, cost: cost + POSTCODE, left_over });
            }
        }
    }
}

fn site(street: &StreetRecord) -> Site {
    Site {
        spot: Spot { lat: street.lat, lng: street.lng },
        slack_m: f64::from(street.radius_m),
        place: street.place,
        postcode: crate::index::file::NONE,
        country: Country(street.country),
    }
}
