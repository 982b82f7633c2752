ALTER TABLE organizations DROP COLUMN vehicle
