//! Which table is of which kind: the registry that the live schema is checked against.

/// How a table is keyed, and so where its rows live when the database is spread over machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Rows of one organisation; the primary key is `(organization_id, id)`.
    Tenant,
    /// Rows of one organisation under a natural key, which begins with `organization_id`.
    TenantKeyed(&'static [&'static str]),
    /// Rows found without an organisation, by a digest; no foreign keys.
    ByDigest,
    /// Rows that rarely change and that every machine has a copy of.
    Reference,
}

/// Every table but the migration runner's, by name.
pub const TABLES: &[(&str, Kind)] = &[
    ("access_tokens", Kind::ByDigest),
    ("audit_log", Kind::Tenant),
    ("client_ids", Kind::Reference),
    ("drivers", Kind::Tenant),
    ("idempotency_keys", Kind::Tenant),
    ("imported_stops", Kind::Tenant),
    ("integrations", Kind::Tenant),
    ("invitations", Kind::Tenant),
    ("jobs", Kind::Tenant),
    ("organizations", Kind::TenantKeyed(&["organization_id"])),
    ("outbox", Kind::Tenant),
    ("places_to_forget", Kind::TenantKeyed(&["organization_id", "holder", "holder_id"])),
    ("queue", Kind::Tenant),
    ("rate_windows", Kind::Tenant),
    ("remembered_addresses", Kind::Tenant),
    ("request_errors", Kind::Tenant),
    ("route_lines", Kind::TenantKeyed(&["organization_id", "route_id", "part"])),
    ("routes", Kind::Tenant),
    ("saved_stops", Kind::Tenant),
    ("shopify_domains", Kind::Reference),
    ("shopify_orders", Kind::TenantKeyed(&["organization_id", "number"])),
    ("shopify_shops", Kind::Tenant),
    ("shopify_webhooks", Kind::TenantKeyed(&["organization_id", "shop_id", "webhook_id"])),
    ("signing_keys", Kind::Reference),
    ("stops", Kind::Tenant),
    ("usage_days", Kind::TenantKeyed(&["organization_id", "integration_id", "day"])),
    ("users", Kind::Reference),
];

/// Statements that may span organisations, each by a part of its text without quotes (`FROM queue WHERE (queue.run_at <=`).
/// They belong to functions with `system` in their names; every test fails that executes another such statement.
pub const SYSTEM_STATEMENTS: &[&str] = &[
    "DELETE FROM idempotency_keys WHERE ((idempotency_keys.expires_at <",
    "DELETE FROM idempotency_keys WHERE (idempotency_keys.lease_until <",
    "DELETE FROM outbox WHERE ((outbox.created_at <",
    "DELETE FROM request_errors WHERE ((request_errors.at <",
    "DELETE FROM shopify_webhooks WHERE ((shopify_webhooks.received_at <",
    "DELETE FROM usage_days WHERE (usage_days.day <",
    "FROM idempotency_keys WHERE (idempotency_keys.mismatched_replays >",
    "SELECT idempotency_keys.expires_at FROM idempotency_keys WHERE (idempotency_keys.expires_at <",
    "SELECT jobs.organization_id FROM jobs WHERE (jobs.id =",
    "SELECT outbox.created_at FROM outbox WHERE (outbox.created_at <",
    "FROM organizations WHERE (organizations.organization_id >",
    "SELECT outbox.created_at FROM outbox ORDER BY",
    "SELECT places_to_forget.organization_id, places_to_forget.holder, places_to_forget.holder_id FROM places_to_forget WHERE (places_to_forget.forget_at <=",
    "SELECT queue.organization_id, queue.id FROM queue WHERE ((queue.run_at <=",
    "SELECT queue.run_at, queue.lease_until FROM queue ORDER BY",
    "SELECT request_errors.at FROM request_errors WHERE (request_errors.at <",
    "SELECT shopify_webhooks.received_at FROM shopify_webhooks WHERE (shopify_webhooks.received_at <",
];
