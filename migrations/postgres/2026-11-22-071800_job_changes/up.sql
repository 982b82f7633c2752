-- What holds the ends of the routes that an integration imports. The previous release does not name it.
ALTER TABLE integrations ADD COLUMN route_ends TEXT NOT NULL DEFAULT 'fixed'
-- statement
-- What a job is searched by: title, the client's id and the driver's address in lower case. Empty where the previous
-- release has made it, which is then not found by text.
ALTER TABLE jobs ADD COLUMN search TEXT NOT NULL DEFAULT ''
-- statement
UPDATE jobs SET search = lower(title || ' ' || external_job_id || ' ' || driver_email)
-- statement
CREATE INDEX jobs_integration_id ON jobs (organization_id, integration_id, id)
-- statement
CREATE INDEX jobs_scheduled_date ON jobs (organization_id, integration_id, scheduled_date, id)
