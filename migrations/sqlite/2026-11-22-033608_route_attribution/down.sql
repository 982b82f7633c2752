ALTER TABLE routes DROP COLUMN attribution
