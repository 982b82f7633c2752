-- Stops that were handed in from outside, and such as are kept to be used again: what is wanted and where it is, as JSON.
CREATE TABLE imported_stops (
  organization_id BLOB NOT NULL,
  id BLOB NOT NULL,
  client_stop_id TEXT,
  request TEXT NOT NULL,
  location TEXT NOT NULL,
  version BIGINT NOT NULL,
  imported_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT imported_stops_client UNIQUE (organization_id, client_stop_id),
  CONSTRAINT imported_stops_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
CREATE TABLE saved_stops (
  organization_id BLOB NOT NULL,
  id BLOB NOT NULL,
  name TEXT NOT NULL,
  request TEXT NOT NULL,
  location TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT saved_stops_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
-- Which imported stop, saved stop or order a stop was made from.
ALTER TABLE stops ADD COLUMN source_key TEXT
-- statement
CREATE INDEX stops_source_key ON stops (organization_id, source, source_key)
-- statement
ALTER TABLE routes ADD COLUMN scheduled_for BIGINT
-- statement
-- What holds a route's ends. The previous release does not name it.
ALTER TABLE routes ADD COLUMN ends TEXT NOT NULL DEFAULT 'fixed'
-- statement
-- Start and end beside the stops, as JSON.
ALTER TABLE routes ADD COLUMN terminals TEXT NOT NULL DEFAULT '{}'
-- statement
ALTER TABLE routes ADD COLUMN dispatched_until BIGINT
-- statement
ALTER TABLE routes ADD COLUMN archived_at BIGINT
-- statement
CREATE INDEX routes_created_at ON routes (organization_id, created_at, id)
-- statement
CREATE INDEX routes_updated_at ON routes (organization_id, updated_at, id)
-- statement
-- An event of a route that belongs to no job: SQLite takes NOT NULL away only with the table.
CREATE TABLE outbox_rebuilt (
  organization_id BLOB NOT NULL,
  id BLOB NOT NULL,
  event TEXT NOT NULL,
  job_id BLOB,
  stop_id BLOB,
  payload TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  route_id BLOB,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT outbox_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
INSERT INTO outbox_rebuilt (organization_id, id, event, job_id, stop_id, payload, created_at)
  SELECT organization_id, id, event, job_id, stop_id, payload, created_at FROM outbox
-- statement
DROP TABLE outbox
-- statement
ALTER TABLE outbox_rebuilt RENAME TO outbox
-- statement
CREATE INDEX outbox_created_at ON outbox (created_at)
