-- What a route is searched by: its name in lower case. Empty where the previous release has made it, which is then not
-- found by its name.
ALTER TABLE routes ADD COLUMN search TEXT NOT NULL DEFAULT ''
-- statement
UPDATE routes SET search = lower(name)
-- statement
-- What a saved stop is searched by: name, address and contact in lower case. Nothing has made any before.
ALTER TABLE saved_stops ADD COLUMN search TEXT NOT NULL DEFAULT ''
