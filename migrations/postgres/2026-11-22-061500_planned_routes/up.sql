-- Stops that were handed in from outside, and such as are kept to be used again: what is wanted and where it is, as JSON.
CREATE TABLE imported_stops (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  client_stop_id TEXT,
  request TEXT NOT NULL,
  location TEXT NOT NULL,
  version BIGINT NOT NULL,
  imported_at TIMESTAMPTZ NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT imported_stops_client UNIQUE (organization_id, client_stop_id),
  CONSTRAINT imported_stops_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
CREATE TABLE saved_stops (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  request TEXT NOT NULL,
  location TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT saved_stops_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
-- Which imported stop, saved stop or order a stop was made from.
ALTER TABLE stops ADD COLUMN source_key TEXT
-- statement
CREATE INDEX stops_source_key ON stops (organization_id, source, source_key)
-- statement
ALTER TABLE routes ADD COLUMN scheduled_for TIMESTAMPTZ
-- statement
-- What holds a route's ends. The previous release does not name it.
ALTER TABLE routes ADD COLUMN ends TEXT NOT NULL DEFAULT 'fixed'
-- statement
-- Start and end beside the stops, as JSON.
ALTER TABLE routes ADD COLUMN terminals TEXT NOT NULL DEFAULT '{}'
-- statement
ALTER TABLE routes ADD COLUMN dispatched_until TIMESTAMPTZ
-- statement
ALTER TABLE routes ADD COLUMN archived_at TIMESTAMPTZ
-- statement
CREATE INDEX routes_created_at ON routes (organization_id, created_at, id)
-- statement
CREATE INDEX routes_updated_at ON routes (organization_id, updated_at, id)
-- statement
-- An event of a route that belongs to no job. The previous release writes no route.
ALTER TABLE outbox ALTER COLUMN job_id DROP NOT NULL
-- statement
ALTER TABLE outbox ADD COLUMN route_id UUID
