CREATE TABLE outbox_rebuilt (
  organization_id BLOB NOT NULL,
  id BLOB NOT NULL,
  event TEXT NOT NULL,
  job_id BLOB NOT NULL,
  stop_id BLOB,
  payload TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT outbox_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
INSERT INTO outbox_rebuilt (organization_id, id, event, job_id, stop_id, payload, created_at)
  SELECT organization_id, id, event, job_id, stop_id, payload, created_at FROM outbox WHERE job_id IS NOT NULL
-- statement
DROP TABLE outbox
-- statement
ALTER TABLE outbox_rebuilt RENAME TO outbox
-- statement
CREATE INDEX outbox_created_at ON outbox (created_at)
-- statement
DROP INDEX routes_updated_at
-- statement
DROP INDEX routes_created_at
-- statement
ALTER TABLE routes DROP COLUMN archived_at
-- statement
ALTER TABLE routes DROP COLUMN dispatched_until
-- statement
ALTER TABLE routes DROP COLUMN terminals
-- statement
ALTER TABLE routes DROP COLUMN ends
-- statement
ALTER TABLE routes DROP COLUMN scheduled_for
-- statement
DROP INDEX stops_source_key
-- statement
ALTER TABLE stops DROP COLUMN source_key
-- statement
DROP TABLE saved_stops
-- statement
DROP TABLE imported_stops
