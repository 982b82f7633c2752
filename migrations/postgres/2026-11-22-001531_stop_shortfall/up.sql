-- Why a stop is late or cannot be driven to, as the optimizer established it, and how early it could be reached.
ALTER TABLE stops ADD COLUMN shortfall TEXT
-- statement
ALTER TABLE stops ADD COLUMN earliest_arrival TIMESTAMPTZ
