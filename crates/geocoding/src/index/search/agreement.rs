//! How well the words around a name agree with where it is.

use super::context::{PostcodeSpan, area_cost, postcode_cost, stands_in_line};
use super::judge::{Judge, Site};
use super::lattice::{Span, mask};
use super::numbers;

/// Costs of what the query does not say, or says too much.
const NO_CONTEXT: f32 = 0.12;
const WORD_BESIDE_CONTEXT: f32 = 0.10;
const MORE_WORDS_BESIDE_CONTEXT: f32 = 0.06;
const WORD_AROUND: f32 = 0.08;
const MORE_WORDS_AROUND: f32 = 0.03;
const WORD_NEAR_CONTEXT: f32 = 0.40;
const WORD_WITHOUT_CONTEXT: f32 = 0.90;
const MORE_WORDS: f32 = 0.10;
const NOISE_WORD: f32 = 0.01;
const LEFT_OVER_NUMBER: f32 = 0.06;
const OTHER_TYPE: f32 = 0.28;
const OTHER_DIRECTION: f32 = 0.22;
const TYPE_ELSEWHERE: f32 = 0.12;
const PLACE_ELSEWHERE: f32 = 0.60;
const IN_NEITHER: f32 = 0.15;

/// From here on a place or postcode says that the answer is where it was looked for.
const AGREES: f32 = 0.17;

/// Up to here a place is the very one that was named.
const IN_PLACE: f32 = 0.015;

/// Up to here a place or postcode says that the answer is in it.
const NEAR: f32 = 0.10;

/// How well an answer agrees with the words beside its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Agreement {
    pub(super) cost: f32,
    /// Words that nothing was made of, as bits.
    pub(super) left_over: u32,
    /// It is of the very place that is named.
    pub(super) is_in_place: bool,
}

impl Judge<'_> {
    /// What the words that are bits of `rest` say about a site, and which of them say nothing.
    pub(super) fn agreement(&self, site: &Site, rest: u32, span: &Span) -> Agreement {
        let mut open = rest;
        let mut cost = self.context.focus_cost(site.spot);
        let mut agrees = false;
        let mut is_context = false;

        let postcode = self.best_postcode(site, open);
        let mut best_fit = f32::INFINITY;
        if let Some((fit, span)) = postcode {
            cost += fit;
            open &= !span.mask();
            agrees |= fit < AGREES;
            is_context = true;
            best_fit = fit;
        }
        let mut place_agrees = false;
        let mut best_place = f32::INFINITY;
        let mut elsewhere = 0;
        for group in self.context.places.chunk_by(|a, b| (a.start, a.end) == (b.start, b.end)) {
            let Some(words) = group.first().map(Span::mask).filter(|words| open & words == *words) else {
                continue;
            };
            let fits = group.iter().map(|span| self.context.place_cost(self.view, span, site));
            let fit = fits.fold(f32::INFINITY, f32::min);
            if group.first().is_some_and(|place| stands_in_line(self.tokens, place, span, rest & !open)) {
                continue;
            }
            best_place = best_place.min(fit);
            if fit < 1.0 {
                cost += fit;
                open &= !words;
                agrees |= fit < AGREES;
                place_agrees |= fit < AGREES;
                is_context = true;
            } else if group.iter().any(|span| span.cost == 0.0) {
                elsewhere |= words;
            }
        }
        // Near the town and near the postcode, but in neither: another town's house.
        if best_fit.max(best_place).is_finite() && best_fit.min(best_place) > NEAR {
            cost += IN_NEITHER;
        }
        // A town that is known and is elsewhere contradicts the postcode. Beside the right town it is a word like any
        // other: the name of a firm, of whoever lives there.
        elsewhere &= open;
        if agrees && !place_agrees && elsewhere != 0 {
            cost += PLACE_ELSEWHERE;
            open &= !elsewhere;
        }
        if let Some((fit, area)) = self.best_area(site, open) {
            cost += fit;
            open &= !area;
        }
        if !is_context && !self.context.is_focus_near(site.spot) {
            cost += NO_CONTEXT;
        }
        let units = if self.units & span.mask() == 0 { self.units } else { numbers::units(self.tokens, span.mask()) };
        open &= !units;
        let noise = open & self.context.noise;
        cost += NOISE_WORD * noise.count_ones() as f32;
        open &= !noise;
        let numbers = open & self.context.numbers;
        cost += LEFT_OVER_NUMBER * numbers.count_ones() as f32;
        let words = open & !numbers;
        if words != 0 {
            cost += self.words_cost(words, open | noise, agrees, best_fit.min(best_place) < NEAR, span);
        }
        Agreement { cost, left_over: words, is_in_place: best_place < IN_PLACE }
    }

    /// What words cost of which nothing was made; `unused` are these and numbers and noise.
    fn words_cost(&self, words: u32, unused: u32, agrees: bool, is_here: bool, span: &Span) -> f32 {
        let more = |words: u32| words.count_ones().saturating_sub(1) as f32;
        let used = self.all() & !unused;
        let before = mask(0, used.trailing_zeros() as u8);
        let behind = self.all() & !mask(0, (u32::BITS - used.leading_zeros()) as u8);
        // Before an address stands a firm's name or a person's, behind it a wish: within it, another address.
        let inner = words & !(before | behind);
        let beside = if span.start > 0 { mask(span.start - 1, span.start) } else { 0 } | mask(span.end, span.end + 1);
        let cost = match () {
            () if !agrees => WORD_WITHOUT_CONTEXT + MORE_WORDS * more(words),
            () if !is_here => WORD_NEAR_CONTEXT + MORE_WORDS * more(words),
            () if inner != 0 => WORD_BESIDE_CONTEXT + MORE_WORDS_BESIDE_CONTEXT * more(words).min(4.0),
            () => WORD_AROUND + MORE_WORDS_AROUND * more(words).min(4.0),
        };
        // A type or a direction that is left over is that of another street.
        let odd = match () {
            () if words & beside & self.context.types != 0 => OTHER_TYPE,
            () if words & beside & self.context.directions != 0 => OTHER_DIRECTION,
            () if inner & self.context.types != 0 => TYPE_ELSEWHERE,
            () => 0.0,
        };
        cost + odd
    }

    pub(super) fn best_postcode(&self, site: &Site, open: u32) -> Option<(f32, &PostcodeSpan)> {
        let free = self.context.postcodes.iter().filter(|span| open & span.mask() == span.mask());
        let here = free.filter(|span| span.is_of(site.country));
        let fits = here.map(|span| (postcode_cost(self.view, span, site), span));
        // Of equals the longer one, which explains more.
        fits.min_by(|a, b| a.0.total_cmp(&b.0).then(b.1.end.cmp(&a.1.end)))
    }

    fn best_area(&self, site: &Site, open: u32) -> Option<(f32, u32)> {
        let mut found: Option<(f32, u32)> = None;
        let mut open = open;
        let spans = self.context.areas.iter();
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
}
