ALTER TABLE saved_stops DROP COLUMN search
-- statement
ALTER TABLE routes DROP COLUMN search
