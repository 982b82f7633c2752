-- What each integration has asked for, a row for each UTC day, added up by all processes every few seconds.
CREATE TABLE usage_days (
  organization_id UUID NOT NULL,
  integration_id UUID NOT NULL,
  day TEXT NOT NULL,
  requests BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  limited BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  imports BIGINT NOT NULL,
  imported_stops BIGINT NOT NULL,
  last_request_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, integration_id, day),
  CONSTRAINT usage_days_integration FOREIGN KEY (organization_id, integration_id) REFERENCES integrations (organization_id, id) ON DELETE CASCADE
)
-- statement
CREATE INDEX usage_days_day ON usage_days (day)
-- statement
-- The latest requests of each integration that were not answered as asked, so that a request id a customer names can be looked up.
CREATE TABLE request_errors (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  integration_id UUID NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  request_id TEXT NOT NULL,
  method TEXT NOT NULL,
  route TEXT NOT NULL,
  status INTEGER NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT request_errors_integration FOREIGN KEY (organization_id, integration_id) REFERENCES integrations (organization_id, id) ON DELETE CASCADE
)
-- statement
CREATE INDEX request_errors_integration_id ON request_errors (organization_id, integration_id, id)
-- statement
CREATE INDEX request_errors_at ON request_errors (at)
