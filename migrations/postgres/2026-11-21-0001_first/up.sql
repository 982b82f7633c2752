-- The first schema. One statement per execute: statements are parted by the marker lines. The rules that every table keeps
-- are in docs/ARCHITECTURE.md and checked by `cargo xtask test`.
-- statement
CREATE TABLE organizations (
  organization_id UUID NOT NULL,
  name TEXT NOT NULL,
  plan TEXT NOT NULL,
  requests_per_minute INTEGER,
  stops_per_import INTEGER,
  timezone TEXT NOT NULL,
  auto_add_drivers BOOLEAN NOT NULL,
  status TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id)
)
-- statement
CREATE TABLE users (
  id UUID NOT NULL,
  email TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT users_email UNIQUE (email)
)
-- statement
CREATE TABLE client_ids (
  client_id TEXT NOT NULL,
  organization_id UUID NOT NULL,
  integration_id UUID NOT NULL,
  PRIMARY KEY (client_id)
)
-- statement
CREATE TABLE signing_keys (
  id UUID NOT NULL,
  secret BYTEA NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (id)
)
-- statement
CREATE TABLE integrations (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  client_id TEXT NOT NULL,
  secret_sha256 BYTEA NOT NULL,
  previous_secret_sha256 BYTEA,
  previous_secret_expires_at TIMESTAMPTZ,
  status TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT integrations_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
CREATE TABLE access_tokens (
  token_sha256 BYTEA NOT NULL,
  organization_id UUID NOT NULL,
  integration_id UUID NOT NULL,
  epoch INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (token_sha256)
)
-- statement
CREATE INDEX access_tokens_expires_at ON access_tokens (expires_at)
-- statement
CREATE TABLE drivers (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  user_id UUID NOT NULL,
  first_name TEXT,
  last_name TEXT,
  phone TEXT,
  status TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT drivers_user UNIQUE (organization_id, user_id),
  CONSTRAINT drivers_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
CREATE TABLE invitations (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  email TEXT NOT NULL,
  status TEXT NOT NULL,
  accepted_at TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT invitations_email UNIQUE (organization_id, email),
  CONSTRAINT invitations_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
CREATE TABLE routes (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  driver_id UUID,
  status TEXT NOT NULL,
  timezone TEXT NOT NULL,
  departure_at TIMESTAMPTZ,
  distance_m BIGINT NOT NULL,
  duration_s BIGINT NOT NULL,
  quality TEXT NOT NULL,
  is_proven_optimal BOOLEAN,
  bound_s BIGINT,
  started_at TIMESTAMPTZ,
  completed_at TIMESTAMPTZ,
  version BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT routes_driver FOREIGN KEY (organization_id, driver_id) REFERENCES drivers (organization_id, id) ON DELETE RESTRICT,
  CONSTRAINT routes_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
CREATE INDEX routes_driver_id ON routes (organization_id, driver_id)
-- statement
CREATE TABLE route_lines (
  organization_id UUID NOT NULL,
  route_id UUID NOT NULL,
  part INTEGER NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (organization_id, route_id, part),
  CONSTRAINT route_lines_route FOREIGN KEY (organization_id, route_id) REFERENCES routes (organization_id, id) ON DELETE CASCADE
)
-- statement
CREATE TABLE jobs (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  integration_id UUID NOT NULL,
  external_job_id TEXT NOT NULL,
  title TEXT NOT NULL,
  driver_email TEXT NOT NULL,
  driver_key TEXT NOT NULL,
  scheduled_date TEXT,
  timezone TEXT,
  metadata TEXT NOT NULL,
  route_id UUID NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT jobs_external_job_id UNIQUE (organization_id, integration_id, external_job_id),
  CONSTRAINT jobs_route_id UNIQUE (organization_id, route_id),
  CONSTRAINT jobs_integration FOREIGN KEY (organization_id, integration_id) REFERENCES integrations (organization_id, id) ON DELETE RESTRICT,
  CONSTRAINT jobs_route FOREIGN KEY (organization_id, route_id) REFERENCES routes (organization_id, id) ON DELETE CASCADE
)
-- statement
CREATE INDEX jobs_driver_key ON jobs (organization_id, driver_key)
-- statement
CREATE TABLE stops (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  route_id UUID NOT NULL,
  job_id UUID,
  external_id TEXT,
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  status TEXT NOT NULL,
  address TEXT NOT NULL,
  location_source TEXT NOT NULL,
  lat DOUBLE PRECISION,
  lng DOUBLE PRECISION,
  geocoded TEXT,
  note TEXT,
  service_s BIGINT,
  priority DOUBLE PRECISION NOT NULL,
  priority_scale TEXT NOT NULL,
  windows TEXT NOT NULL,
  details TEXT NOT NULL,
  metadata TEXT NOT NULL,
  leg_distance_m BIGINT,
  leg_duration_s BIGINT,
  planned_arrival TIMESTAMPTZ,
  lateness_s BIGINT,
  arrived_at TIMESTAMPTZ,
  ended_at TIMESTAMPTZ,
  outcome TEXT,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT stops_external_id UNIQUE (organization_id, job_id, external_id),
  CONSTRAINT stops_route FOREIGN KEY (organization_id, route_id) REFERENCES routes (organization_id, id) ON DELETE CASCADE,
  CONSTRAINT stops_job FOREIGN KEY (organization_id, job_id) REFERENCES jobs (organization_id, id) ON DELETE CASCADE
)
-- statement
CREATE INDEX stops_route_id ON stops (organization_id, route_id, position)
-- statement
CREATE TABLE idempotency_keys (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  integration_id UUID NOT NULL,
  operation TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  fingerprint BYTEA NOT NULL,
  epoch BIGINT NOT NULL,
  lease_until TIMESTAMPTZ,
  response_status INTEGER,
  response_body BYTEA,
  mismatched_replays INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT idempotency_keys_key UNIQUE (organization_id, integration_id, operation, idempotency_key),
  CONSTRAINT idempotency_keys_integration FOREIGN KEY (organization_id, integration_id) REFERENCES integrations (organization_id, id) ON DELETE CASCADE
)
-- statement
CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at)
-- statement
CREATE INDEX idempotency_keys_lease_until ON idempotency_keys (lease_until) WHERE lease_until IS NOT NULL
-- statement
CREATE TABLE rate_windows (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  integration_id UUID NOT NULL,
  bucket TEXT NOT NULL,
  hits BYTEA NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT rate_windows_bucket UNIQUE (organization_id, integration_id, bucket),
  CONSTRAINT rate_windows_integration FOREIGN KEY (organization_id, integration_id) REFERENCES integrations (organization_id, id) ON DELETE CASCADE
)
-- statement
CREATE TABLE queue (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  dedupe_key TEXT NOT NULL,
  run_at TIMESTAMPTZ NOT NULL,
  attempts INTEGER NOT NULL,
  lease_owner UUID,
  lease_until TIMESTAMPTZ,
  lease_epoch BIGINT NOT NULL,
  last_error TEXT,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT queue_dedupe_key UNIQUE (organization_id, kind, dedupe_key),
  CONSTRAINT queue_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
CREATE INDEX queue_run_at ON queue (run_at)
-- statement
CREATE TABLE outbox (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  event TEXT NOT NULL,
  job_id UUID NOT NULL,
  stop_id UUID,
  payload TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT outbox_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
CREATE INDEX outbox_created_at ON outbox (created_at)
-- statement
CREATE TABLE audit_log (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT audit_log_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
CREATE INDEX audit_log_at ON audit_log (organization_id, at)
