-- Jobs of one driver in the order of the list: an integration may have many of them.
CREATE INDEX jobs_integration_driver ON jobs (organization_id, integration_id, driver_key, id)
