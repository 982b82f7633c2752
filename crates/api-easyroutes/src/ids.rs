//! Ids as the dialect writes them: a prefix and a UUID in lower case with hyphens, and nothing else.

use std::fmt;
use std::str::FromStr;

use routemate_domain::{DriverId, ImportedStopId, RouteId, SavedStopId, StopId, TaskId, TaskItemId};

/// An id with its prefix.
pub(crate) trait Prefixed: fmt::Display + FromStr {
    const PREFIX: &'static str;

    /// The id on the wire.
    fn print(&self) -> String {
        format!("{}{self}", Self::PREFIX)
    }

    /// The id that is written so; `None` for any other spelling.
    fn read(text: &str) -> Option<Self> {
        let bare = text.strip_prefix(Self::PREFIX)?;
        bare.parse().ok().filter(|id: &Self| id.to_string() == bare)
    }
}

impl Prefixed for RouteId {
    const PREFIX: &'static str = "rte-";
}

impl Prefixed for StopId {
    const PREFIX: &'static str = "rst-";
}

impl Prefixed for ImportedStopId {
    const PREFIX: &'static str = "ist-";
}

impl Prefixed for DriverId {
    const PREFIX: &'static str = "drv-";
}

impl Prefixed for SavedStopId {
    const PREFIX: &'static str = "sst-";
}

impl Prefixed for TaskId {
    const PREFIX: &'static str = "tsk-";
}

impl Prefixed for TaskItemId {
    const PREFIX: &'static str = "itm-";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_printed_spelling_is_read() {
        let id = RouteId::read("rte-cb93e344-fb1d-4d34-b8a8-8df5cdd9e939").expect("the documents' sample");
        assert_eq!(id.print(), "rte-cb93e344-fb1d-4d34-b8a8-8df5cdd9e939");
        for text in [
            "",
            "rte-",
            "cb93e344-fb1d-4d34-b8a8-8df5cdd9e939",
            "rst-cb93e344-fb1d-4d34-b8a8-8df5cdd9e939",
            "RTE-cb93e344-fb1d-4d34-b8a8-8df5cdd9e939",
            "rte-CB93E344-FB1D-4D34-B8A8-8DF5CDD9E939",
            "rte-cb93e344fb1d4d34b8a88df5cdd9e939",
            "rte-{cb93e344-fb1d-4d34-b8a8-8df5cdd9e939}",
            "rte-cb93e344-fb1d-4d34-b8a8-8df5cdd9e93",
            "rte-cb93e344-fb1d-4d34-b8a8-8df5cdd9e939 ",
        ] {
            assert_eq!(RouteId::read(text), None, "{text}");
        }
    }
}
