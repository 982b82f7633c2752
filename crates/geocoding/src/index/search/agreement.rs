//! How well the words around a name agree with where it is.

use super::context::{PostcodeSpan, area_cost, postcode_cost};
use super::judge::{Judge, Site};
use super::lattice::{Span, mask};
use super::numbers;

/// Costs of what the query does not say, or says too much.
const NO_CONTEXT: f32 = 0.12;
const WORD_BESIDE_CONTEXT: f32 = 0.10;
const MORE_WORDS_BESIDE_CONTEXT: f32 = 0.06;
const WORD_WITHOUT_CONTEXT: f32 = 0.90;
const MORE_WORDS: f32 = 0.10;
const NOISE_WORD: f32 = 0.01;
const LEFT_OVER_NUMBER: f32 = 0.06;
const OTHER_TYPE: f32 = 0.28;
const OTHER_DIRECTION: f32 = 0.22;
const TYPE_ELSEWHERE: f32 = 0.12;
const PLACE_ELSEWHERE: f32 = 0.60;

/// From here on a place or postcode says that the answer is where it was looked for.
const AGREES: f32 = 0.17;

impl Judge<'_> {
    /// What the words that are bits of `rest` say about a site, and which of them say nothing.
    pub(super) fn agreement(&self, site: &Site, rest: u32, span: &Span) -> (f32, u32) {
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
        let mut place_agrees = false;
        let mut elsewhere = 0;
        for group in self.context.places.chunk_by(|a, b| (a.start, a.end) == (b.start, b.end)) {
            let Some(words) = group.first().map(Span::mask).filter(|words| open & words == *words) else {
                continue;
            };
            let fits = group.iter().map(|span| self.context.place_cost(self.view, span, site));
            let fit = fits.fold(f32::INFINITY, f32::min);
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
        let count = words.count_ones() as f32;
        if count > 0.0 {
            cost += if agrees {
                WORD_BESIDE_CONTEXT + MORE_WORDS_BESIDE_CONTEXT * (count - 1.0).min(4.0)
            } else {
                WORD_WITHOUT_CONTEXT + MORE_WORDS * (count - 1.0)
            };
            let beside =
                if span.start > 0 { mask(span.start - 1, span.start) } else { 0 } | mask(span.end, span.end + 1);
            // A type or a direction that is left over is that of another street.
            if words & beside & self.context.types != 0 {
                cost += OTHER_TYPE;
            } else if words & beside & self.context.directions != 0 {
                cost += OTHER_DIRECTION;
            } else if words & self.context.types != 0 {
                cost += TYPE_ELSEWHERE;
            }
        }
        (cost, words)
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
