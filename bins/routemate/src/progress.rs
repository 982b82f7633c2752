//! How far a command has come: a bar on a terminal, a line for each step elsewhere. On stderr; stdout is for answers.

use std::borrow::Cow;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output;

/// Shared between threads.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Towards so many bytes; `None` where that is not known yet.
    pub(crate) fn towards(total_bytes: Option<u64>) -> Self {
        Self::drawn(total_bytes, "{msg:28} [{bar:30}] {percent:>3} %  {bytes} of {total_bytes}, {eta} left")
    }

    /// Towards so many of anything.
    pub(crate) fn counting(total: u64) -> Self {
        Self::drawn(Some(total), "{msg:28} [{bar:30}] {percent:>3} %  {human_pos} of {human_len}, {eta} left")
    }

    fn drawn(total: Option<u64>, template: &str) -> Self {
        // Draws nothing where stderr is no terminal.
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        // Only a template that is wrong is refused; then the usual one is shown.
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self { bar: bar.with_style(style.progress_chars("=> ")) }
    }

    pub(crate) fn set_total(&self, bytes: u64) {
        self.bar.set_length(bytes);
    }

    /// Says what is done from now on.
    pub(crate) fn step(&self, what: impl Into<Cow<'static, str>>) {
        let what = what.into();
        if self.bar.is_hidden() {
            output::note(&what);
        }
        self.bar.set_message(what);
    }

    pub(crate) fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    /// So far it has come, be it that less had to be done.
    pub(crate) fn reach(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }

    /// Counts these as done from before.
    pub(crate) fn begin_at(&self, bytes: u64) {
        self.bar.set_position(bytes);
        self.bar.reset_eta();
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
