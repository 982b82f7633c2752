use std::time::Duration;

use metrics::{Key, KeyName, Label, Level, Metadata, Recorder, SharedString, Unit, with_recorder};

/// Where all of it is recorded, as recorders are told.
const TARGET: &str = "routemate";

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Description {
    /// Its name as it is shown.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// What it is told apart by.
    pub labels: &'static [&'static str],
    /// What it says, in one line.
    pub meaning: &'static str,
}

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// A distribution of durations.
    Histogram,
}

impl Kind {
    /// The word for it in what Prometheus reads.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric that only grows, told apart by `N` labels.
#[derive(Debug)]
pub struct Counter<const N: usize>(pub(crate) Description);

/// A metric that goes up and down, told apart by `N` labels.
#[derive(Debug)]
pub struct Gauge<const N: usize>(pub(crate) Description);

/// A distribution of durations in seconds, told apart by `N` labels.
#[derive(Debug)]
pub struct Histogram<const N: usize>(pub(crate) Description);

impl<const N: usize> Counter<N> {
    /// Counts one; `values` are those of the labels in their order.
    pub fn increment<V: Into<SharedString>>(&self, values: [V; N]) {
        self.add(values, 1);
    }

    /// Counts several at once.
    pub fn add<V: Into<SharedString>>(&self, values: [V; N], count: u64) {
        with_recorder(|recorder| recorder.register_counter(&self.0.key(values), &metadata()).increment(count));
    }
}

impl<const N: usize> Gauge<N> {
    /// Sets the value.
    pub fn set<V: Into<SharedString>>(&self, values: [V; N], value: f64) {
        with_recorder(|recorder| recorder.register_gauge(&self.0.key(values), &metadata()).set(value));
    }
}

impl Gauge<0> {
    /// Adds one until what is given is dropped.
    #[must_use]
    pub fn raise(&'static self) -> Raised {
        self.step(1.0);
        Raised(self)
    }

    fn step(&self, by: f64) {
        with_recorder(|recorder| {
            recorder.register_gauge(&self.0.key::<&'static str, 0>([]), &metadata()).increment(by);
        });
    }
}

/// One more in a gauge, for as long as this lives.
#[derive(Debug)]
pub struct Raised(&'static Gauge<0>);

impl Drop for Raised {
    fn drop(&mut self) {
        self.0.step(-1.0);
    }
}

impl<const N: usize> Histogram<N> {
    /// Adds one duration; `values` are those of the labels in their order.
    pub fn record<V: Into<SharedString>>(&self, values: [V; N], took: Duration) {
        with_recorder(|recorder| {
            recorder.register_histogram(&self.0.key(values), &metadata()).record(took.as_secs_f64());
        });
    }
}

impl Description {
    /// Name and labels as recorders want them.
    fn key<V: Into<SharedString>, const N: usize>(&self, values: [V; N]) -> Key {
        let labels: Vec<Label> = self.labels.iter().zip(values).map(|(name, value)| Label::new(*name, value)).collect();
        Key::from_parts(self.name, labels)
    }

    fn unit(&self) -> Unit {
        if self.name.contains("_seconds") {
            Unit::Seconds
        } else if self.name.contains("_bytes") {
            Unit::Bytes
        } else {
            Unit::Count
        }
    }
}

/// Tells a recorder of every metric there is.
pub fn describe(recorder: &dyn Recorder) {
    for metric in crate::CATALOG {
        let (name, unit, meaning) = (KeyName::from(metric.name), Some(metric.unit()), metric.meaning.into());
        match metric.kind {
            Kind::Counter => recorder.describe_counter(name, unit, meaning),
            Kind::Gauge => recorder.describe_gauge(name, unit, meaning),
            Kind::Histogram => recorder.describe_histogram(name, unit, meaning),
        }
    }
}

const fn metadata() -> Metadata<'static> {
    Metadata::new(TARGET, Level::INFO, None)
}
