//! How well each street, point and place answers a query: one cost, zero for what is right in every word.

use std::borrow::Cow;

use super::context::{AreaSpan, Context, PostcodeSpan, area_cost, of_area, postcode_cost};
use super::ladder::{self, Opened, Rung};
use super::lattice::{Field, Span, Token, mask};
use super::numbers::{self, Asked};
use crate::MatchType;
use crate::index::country::Country;
use crate::index::file::{PointRecord, StreetRecord, View};
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

/// Costs of what the query does not say, or says too much.
const NO_CONTEXT: f32 = 0.12;
const NAME_ALONE: f32 = 0.45;
const WORD_BESIDE_CONTEXT: f32 = 0.10;
const MORE_WORDS_BESIDE_CONTEXT: f32 = 0.04;
const WORD_WITHOUT_CONTEXT: f32 = 0.90;
const MORE_WORDS: f32 = 0.10;
const NOISE_WORD: f32 = 0.01;
const LEFT_OVER_NUMBER: f32 = 0.08;
const OTHER_TYPE: f32 = 0.28;
const OTHER_DIRECTION: f32 = 0.22;
const GAP: f32 = 0.05;
const NUMBER_UNUSED: f32 = 0.50;
const POINT: f32 = 0.04;
const POINT_WITHOUT_CONTEXT: f32 = 0.40;
const PLACE: f32 = 0.52;
const POSTCODE: f32 = 0.62;

/// Streets of one name that are looked at closely.
const MOST_STREETS: usize = 8;

/// From here on a place or postcode says that the answer is where it was looked for.
const AGREES: f32 = 0.17;

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
struct Site {
    spot: Spot,
    place: u32,
    postcode: u32,
    country: Country,
}

impl Judge<'_> {
    const fn all(&self) -> u32 {
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
            let (cost, _) = self.agreement(&site, rest, span);
            order.push((cost, first + at as u32));
        }
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
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
            let site = Site { spot: rung.spot, place, postcode, country: Country(street.country) };
            let (cost, left_over) = self.agreement(&site, rest, span);
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
        for asked in asked {
            let rest = rest & !asked.mask;
            let area_costs: Vec<f32> = opened
                .areas
                .iter()
                .zip(&opened.area_spots)
                .map(|(area, spot)| {
                    let (place, postcode) = of_area(Some(*area), street.place);
                    let site = Site { spot: *spot, place, postcode, country: Country(street.country) };
                    self.agreement(&site, rest, span).0
                })
                .collect();
            let least = area_costs.iter().copied().fold(f32::INFINITY, f32::min);
            let area_costs: Vec<f32> = area_costs.iter().map(|cost| cost - least).collect();
            let extra = asked.cost + self.gap(asked.mask, span);
            match opened.climb(asked, &area_costs) {
                Some(rung) => offer(rung, rest, extra),
                None => offer(ladder::street(bytes, centre, street.addresses, true), rest, extra),
            }
        }
        let extra = if self.leaves_number(&site(street), span) { NUMBER_UNUSED } else { 0.0 };
        let alone = if has_context { 0.0 } else { NAME_ALONE };
        offer(ladder::street(bytes, centre, street.addresses, false), rest, extra + alone);
        into.extend(best);
    }

    /// Whether a number stands beside a name that makes no use of it, and is no postcode either.
    fn leaves_number(&self, site: &Site, span: &Span) -> bool {
        let rest = self.all() & !span.mask();
        let postcode = self.best_postcode(site, rest).map_or(0, |(_, postcode)| postcode.mask());
        self.asked.iter().any(|asked| {
            asked.mask & (span.mask() | postcode) == 0
                && asked.cost < numbers::AFTER_UNIT_WORD
                && self.gap(asked.mask, span) < 2.0 * GAP
        })
    }

    /// Words between a number and its street that belong to neither.
    fn gap(&self, number: u32, span: &Span) -> f32 {
        let first = number.trailing_zeros() as u8;
        let last = (u32::BITS - number.leading_zeros()) as u8;
        let between = if last <= span.start { mask(last, span.start) } else { mask(span.end, first.max(span.end)) };
        let idle = self.units | self.roles(|token| token.role.is_noise || token.role.is_dropped);
        GAP * (between & !idle).count_ones() as f32
    }

    fn roles(&self, is_it: impl Fn(&Token) -> bool) -> u32 {
        let bits = self.tokens.iter().enumerate().filter(|(_, token)| is_it(token));
        bits.fold(0, |bits, (at, _)| bits | mask(at as u8, at as u8 + 1))
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
                place: point.place,
                postcode: crate::index::file::NONE,
                country: Country(point.country),
            };
            let (cost, left_over) = self.agreement(&site, rest, span);
            let unused = if self.leaves_number(&site, span) { NUMBER_UNUSED } else { 0.0 };
            found.push(self.point(number, point, cost + span.cost + unused, left_over));
        }
        found.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        found.truncate(MOST_STREETS);
        into.append(&mut found);
    }

    fn point(&self, number: u32, point: &PointRecord, cost: f32, left_over: u32) -> Judged {
        let spot = Spot { lat: point.lat, lng: point.lng };
        let is_near = self.context.focus.is_some_and(|focus| super::context::far_distance_m(focus, spot) < 50_000.0);
        let has_context = is_near || !self.context.places.is_empty() || !self.context.postcodes.is_empty();
        let extra = if has_context { POINT } else { POINT_WITHOUT_CONTEXT };
        // Of two of one name the larger is the better known.
        let size = 0.004 * (1.0 - f32::from(point.weight.min(1_000)) / 1_000.0);
        let rung = Rung { match_type: MatchType::Exact, spot, number: None, area: None, cost: 0.0 };
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
                let site =
                    Site { spot, place: number, postcode: crate::index::file::NONE, country: Country(place.country) };
                let (cost, left_over) = self.agreement(&site, self.all() & !span.mask(), span);
                let rung = Rung { match_type: MatchType::Locality, spot, number: None, area: None, cost: 0.0 };
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
                let site = Site { spot, place, postcode: number, country };
                let span = Span { start: postcode.start, end: postcode.end, key: 0, cost: 0.0, link: None };
                let (cost, left_over) = self.agreement(&site, self.all() & !span.mask(), &span);
                let rung = Rung { match_type: MatchType::Postcode, spot, number: None, area: None, cost: 0.0 };
                into.push(Judged { subject: Subject::Postcode(number), rung, cost: cost + POSTCODE, left_over });
            }
        }
    }

    /// What the words that are bits of `rest` say about a site, and which of them say nothing.
    fn agreement(&self, site: &Site, rest: u32, span: &Span) -> (f32, u32) {
        let mut open = rest;
        let mut cost = self.context.focus_cost(site.spot);
        let mut agrees = false;
        let mut is_context = false;

        let postcode = self.best_postcode(site, open);
        if let Some((fit, span)) = postcode {
            cost += fit;
            open &= !span.mask();
            agrees |= fit < AGREES;
            is_context = true;
        }
        for group in self.place_groups(rest & open) {
            let fits = group.iter().map(|span| self.context.place_cost(self.view, span, site.place, site.spot));
            let fit = fits.fold(f32::INFINITY, f32::min);
            let Some(first) = group.first() else {
                continue;
            };
            if open & first.mask() != first.mask() {
                continue;
            }
            // What agrees with nothing is a word like any other.
            if fit < 1.0 {
                cost += fit;
                open &= !first.mask();
                agrees |= fit < AGREES;
                is_context = true;
            }
        }
        if let Some((fit, area)) = self.best_area(site, open) {
            cost += fit;
            open &= !area;
        }
        if !is_context {
            cost += NO_CONTEXT;
        }
        let units = if self.units & span.mask() == 0 { self.units } else { numbers::units(self.tokens, span.mask()) };
        open &= !units;
        let noise = open & self.roles(|token| token.role.is_noise || token.role.is_dropped);
        cost += NOISE_WORD * noise.count_ones() as f32;
        open &= !noise;
        let numbers = open & self.roles(|token| !token.is_word());
        cost += LEFT_OVER_NUMBER * numbers.count_ones() as f32;
        let words = open & !numbers;
        let count = words.count_ones() as f32;
        if count > 0.0 {
            cost += if agrees {
                WORD_BESIDE_CONTEXT + MORE_WORDS_BESIDE_CONTEXT * (count - 1.0).min(4.0)
            } else {
                WORD_WITHOUT_CONTEXT + MORE_WORDS * (count - 1.0)
            };
            let beside =
                if span.start > 0 { mask(span.start - 1, span.start) } else { 0 } | mask(span.end, span.end + 1);
            if words & beside & self.roles(|token| token.role.is_trailing_type || token.role.is_leading_type) != 0 {
                cost += OTHER_TYPE;
            } else if words & beside & self.roles(|token| is_direction(&token.text)) != 0 {
                cost += OTHER_DIRECTION;
            }
        }
        (cost, words)
    }

    fn best_postcode(&self, site: &Site, open: u32) -> Option<(f32, &PostcodeSpan)> {
        let free = self.context.postcodes.iter().filter(|span| open & span.mask() == span.mask());
        let here = free.filter(|span| span.is_of(site.country));
        let fits = here.map(|span| (postcode_cost(self.view, span, site.postcode, site.spot), span));
        // Of equals the longer one, which explains more.
        fits.min_by(|a, b| a.0.total_cmp(&b.0).then(b.1.end.cmp(&a.1.end)))
    }

    fn best_area(&self, site: &Site, open: u32) -> Option<(f32, u32)> {
        let mut found: Option<(f32, u32)> = None;
        let mut open = open;
        // Longer names first: United States of America before United States.
        let mut spans: Vec<&AreaSpan> =
            self.context.areas.iter().filter(|span| open & span.mask() == span.mask()).collect();
        spans.sort_by_key(|span| std::cmp::Reverse(span.end - span.start));
        for span in spans {
            if open & span.mask() != span.mask() {
                continue;
            }
            let fit = area_cost(self.view, span, site.country, site.place);
            open &= !span.mask();
            let (cost, taken) = found.get_or_insert((0.0, 0));
            *cost += fit;
            *taken |= span.mask();
        }
        found
    }

    /// Places by the words that name them, the longest first.
    fn place_groups(&self, open: u32) -> Vec<Vec<&Span>> {
        let mut groups: Vec<Vec<&Span>> = Vec::new();
        for span in self.context.places.iter().filter(|span| open & span.mask() == span.mask()) {
            match groups
                .iter_mut()
                .find(|group| group.first().is_some_and(|first| (first.start, first.end) == (span.start, span.end)))
            {
                Some(group) => group.push(span),
                None => groups.push(vec![span]),
            }
        }
        groups.sort_by_key(|group| group.first().map(|span| (std::cmp::Reverse(span.end - span.start), span.start)));
        groups
    }
}

fn is_direction(text: &str) -> bool {
    matches!(text, "north" | "south" | "east" | "west" | "n" | "s" | "e" | "w" | "ne" | "nw" | "se" | "sw")
}

fn site(street: &StreetRecord) -> Site {
    Site {
        spot: Spot { lat: street.lat, lng: street.lng },
        place: street.place,
        postcode: crate::index::file::NONE,
        country: Country(street.country),
    }
}
