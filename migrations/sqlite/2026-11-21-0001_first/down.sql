DROP TABLE audit_log
-- statement
DROP TABLE outbox
-- statement
DROP TABLE queue
-- statement
DROP TABLE rate_windows
-- statement
DROP TABLE idempotency_keys
-- statement
DROP TABLE stops
-- statement
DROP TABLE jobs
-- statement
DROP TABLE route_lines
-- statement
DROP TABLE routes
-- statement
DROP TABLE invitations
-- statement
DROP TABLE drivers
-- statement
DROP TABLE access_tokens
-- statement
DROP TABLE integrations
-- statement
DROP TABLE signing_keys
-- statement
DROP TABLE client_ids
-- statement
DROP TABLE users
-- statement
DROP TABLE organizations
