DROP INDEX jobs_scheduled_date
-- statement
DROP INDEX jobs_integration_id
-- statement
ALTER TABLE jobs DROP COLUMN search
-- statement
ALTER TABLE integrations DROP COLUMN route_ends
