ALTER TABLE stops DROP COLUMN earliest_arrival
-- statement
ALTER TABLE stops DROP COLUMN shortfall
