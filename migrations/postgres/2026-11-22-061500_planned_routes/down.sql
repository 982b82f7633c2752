ALTER TABLE outbox DROP COLUMN route_id
-- statement
DELETE FROM outbox WHERE job_id IS NULL
-- statement
ALTER TABLE outbox ALTER COLUMN job_id SET NOT NULL
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
