//! A route's ends beside its stops, as JSON text: never filtered or sorted by.

use jiff::Timestamp;
use routemate_domain::{PlannedLeg, Route, Terminal};
use routemate_units::{Meters, Seconds};
use serde::{Deserialize, Serialize};

use super::documents::{AddressDocument, TaskDocument};
use super::place::LocationDocument;
use crate::StoreError;

const TABLE: &str = "routes";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct TerminalsDocument {
    start: TerminalDocument,
    end: TerminalDocument,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_leg: Option<LegDocument>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct TerminalDocument {
    address: AddressDocument,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationDocument>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tasks: Vec<TaskDocument>,
}

#[derive(Debug, Serialize, Deserialize)]
struct LegDocument {
    distance_m: u32,
    duration_s: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arrival: Option<Timestamp>,
    #[serde(default)]
    lateness_s: u32,
}

impl From<&Route> for TerminalsDocument {
    fn from(route: &Route) -> Self {
        Self {
            start: (&route.start).into(),
            end: (&route.end).into(),
            end_leg: route.end_leg.map(|leg| LegDocument {
                distance_m: leg.distance.get(),
                duration_s: leg.duration.get(),
                arrival: leg.arrival,
                lateness_s: leg.lateness.get(),
            }),
        }
    }
}

impl From<&Terminal> for TerminalDocument {
    fn from(terminal: &Terminal) -> Self {
        Self {
            address: terminal.address.clone().into(),
            location: terminal.location.as_ref().map(Into::into),
            tasks: terminal.tasks.iter().cloned().map(Into::into).collect(),
        }
    }
}

impl TerminalDocument {
    fn terminal(self) -> Result<Terminal, StoreError> {
        Ok(Terminal {
            address: self.address.into(),
            location: self.location.map(|location| location.location(TABLE)).transpose()?,
            tasks: self.tasks.into_iter().map(Into::into).collect(),
        })
    }
}

impl TerminalsDocument {
    /// Start, end, and the way to the end.
    pub(super) fn terminals(self) -> Result<(Terminal, Terminal, Option<PlannedLeg>), StoreError> {
        let leg = self.end_leg.map(|leg| PlannedLeg {
            distance: Meters::new(leg.distance_m),
            duration: Seconds::new(leg.duration_s),
            arrival: leg.arrival,
            lateness: Seconds::new(leg.lateness_s),
        });
        Ok((self.start.terminal()?, self.end.terminal()?, leg))
    }
}
