//! Values that are one of a few words.

use routemate_app::ShopifyOutcome;
use routemate_domain::{
    DriverStatus, JobStatus, PriorityScale, ShopifyOrderStatus, StopKind, StopSource, TravelQuality,
};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

fn one_of<const N: usize>(text: &str, words: [&'static str; N]) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).description(Some(text))
}

pub(crate) fn job_status() -> ObjectBuilder {
    one_of("`pending` until somebody drives it.", JobStatus::ALL.map(JobStatus::as_str))
}

pub(crate) fn route_status() -> ObjectBuilder {
    one_of("Whether the driver has set out, and has ended.", ["planned", "started", "completed", "cancelled"])
}

pub(crate) fn driver_status() -> ObjectBuilder {
    one_of("Whether routes may be given.", DriverStatus::ALL.map(DriverStatus::as_str))
}

pub(crate) fn quality() -> ObjectBuilder {
    one_of("What the figures rest on.", [TravelQuality::Roads, TravelQuality::Estimated].map(TravelQuality::as_str))
}

pub(crate) fn stop_kind() -> ObjectBuilder {
    one_of("What is to be done.", StopKind::ALL.map(StopKind::as_str))
}

pub(crate) fn stop_source() -> ObjectBuilder {
    one_of("Where it came from.", StopSource::NAMES)
}

pub(crate) fn stop_status() -> ObjectBuilder {
    one_of("How it stands.", ["pending", "arrived", "completed", "failed", "skipped"])
}

pub(crate) fn shortfall() -> ObjectBuilder {
    one_of("Why.", ["too_far", "others_first", "unreachable", "search_stopped"])
}

pub(crate) fn location_status() -> ObjectBuilder {
    one_of(
        "How the position is known; `searching` goes on in the background, `forgotten` is what the terms of who found it did \
         not let be kept.",
        ["supplied", "geocoded", "searching", "not_found", "forgotten", "anywhere"],
    )
}

pub(crate) fn priority_scale() -> ObjectBuilder {
    let all = [PriorityScale::LowerFirst, PriorityScale::OneToTen];
    one_of("Which way it counts.", all.map(PriorityScale::as_str))
}

pub(crate) fn task_kind() -> ObjectBuilder {
    one_of("What the driver fills in.", ["checkboxes", "radio_buttons", "text", "decimal", "scanner"])
}

pub(crate) fn input_method() -> ObjectBuilder {
    one_of("How it was entered.", ["typed", "scanned"])
}

pub(crate) fn shopify_order_status() -> ObjectBuilder {
    let names = ShopifyOrderStatus::ALL.map(ShopifyOrderStatus::as_str);
    one_of("Whether there is something of it to be driven, or why not.", names)
}

pub(crate) fn shopify_outcome() -> ObjectBuilder {
    one_of("What became of it.", ShopifyOutcome::ALL.map(ShopifyOutcome::as_str))
}

pub(crate) fn question_id() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Number, Type::Null]))
        .description(Some("The client's own, as it was written; null where there was none."))
}

pub(crate) fn answer_status() -> ObjectBuilder {
    one_of("What became of the question.", ["found", "approximate", "not_found", "unanswered", "invalid"])
}
