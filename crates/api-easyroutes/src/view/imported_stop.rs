use routemate_domain::{ImportedStop, StopRequest};

use super::{address, attribute, contact, date, item, kind, lat_lng, priority, text, window};
use crate::ids::Prefixed;
use crate::types;
use crate::view::task::template;
use crate::wire::{Instant, Span};

/// An imported stop. What was found for its address is not told here, as documented.
pub(crate) fn imported_stop(stop: &ImportedStop) -> types::ImportedStop {
    let StopRequest {
        external_id,
        kind: what,
        address: place,
        position,
        contact: who,
        note,
        service_time,
        windows,
        delivery_date,
        priority: importance,
        items,
        order_name,
        attributes,
        tags,
        tasks,
    } = &stop.request;
    types::ImportedStop {
        id: stop.id.print(),
        client_stop_id: text(external_id.as_ref()),
        address: address(place),
        contact: contact(who),
        coordinates: position.map(lat_lng),
        items: items.iter().map(item).collect(),
        note: text(note.as_ref()),
        duration: service_time.map(Span),
        priority: priority(*importance),
        order_name: order_name.clone().unwrap_or_default(),
        imported_at: Some(Instant(stop.imported_at)),
        time_windows: windows.iter().map(window).collect(),
        delivery_date: delivery_date.map(date),
        attributes: attributes.iter().map(attribute).collect(),
        tags: tags.clone(),
        tasks: tasks.iter().map(template).collect(),
        kind: kind(*what),
    }
}
