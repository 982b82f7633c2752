use std::fmt::Display;

use routemate_domain::{IntegrationId, ShopId};
use routemate_persistence::AuditEntry;

use crate::App;

/// Who did something.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Actor {
    /// Somebody at the command line.
    Operator,
    /// An integration, by a call.
    Integration(IntegrationId),
    /// A shop, by a message.
    Shop(ShopId),
    /// RouteMate itself, in the background.
    System,
}

impl App {
    /// An entry for the audit log: who has done what to which `noun`.
    pub(crate) fn audit(&self, actor: Actor, action: &'static str, noun: &str, id: impl Display) -> AuditEntry {
        AuditEntry {
            id: self.new_uuid(),
            actor: match actor {
                Actor::Operator => "operator".to_owned(),
                Actor::Integration(id) => format!("integration:{id}"),
                Actor::Shop(id) => format!("shopify_shop:{id}"),
                Actor::System => "system".to_owned(),
            },
            action,
            subject: format!("{noun}:{id}"),
            detail: "{}".to_owned(),
        }
    }
}
