-- What holds places that the terms of a geocoder let us keep for some days: a route, an imported stop or a saved stop, and
-- when the first of its places is to be forgotten. A row may outlive what it is about.
CREATE TABLE places_to_forget (
  organization_id UUID NOT NULL,
  holder TEXT NOT NULL,
  holder_id UUID NOT NULL,
  forget_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, holder, holder_id),
  CONSTRAINT places_to_forget_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
CREATE INDEX places_to_forget_forget_at ON places_to_forget (forget_at)
-- statement
-- Of places that an earlier release has stored nobody knows when they were found: their time has come.
INSERT INTO places_to_forget (organization_id, holder, holder_id, forget_at)
SELECT DISTINCT organization_id, 'route', route_id, TIMESTAMPTZ '1970-01-01 00:00:00+00' FROM stops
WHERE geocoded LIKE '%"source":"google"%' OR geocoded LIKE '%"source":"here"%'
-- statement
INSERT INTO places_to_forget (organization_id, holder, holder_id, forget_at)
SELECT routes.organization_id, 'route', routes.id, TIMESTAMPTZ '1970-01-01 00:00:00+00' FROM routes
WHERE (routes.terminals LIKE '%"source":"google"%' OR routes.terminals LIKE '%"source":"here"%')
AND NOT EXISTS (SELECT 1 FROM places_to_forget AS known
  WHERE known.organization_id = routes.organization_id AND known.holder = 'route' AND known.holder_id = routes.id)
-- statement
INSERT INTO places_to_forget (organization_id, holder, holder_id, forget_at)
SELECT organization_id, 'imported_stop', id, TIMESTAMPTZ '1970-01-01 00:00:00+00' FROM imported_stops
WHERE location LIKE '%"source":"google"%' OR location LIKE '%"source":"here"%'
-- statement
INSERT INTO places_to_forget (organization_id, holder, holder_id, forget_at)
SELECT organization_id, 'saved_stop', id, TIMESTAMPTZ '1970-01-01 00:00:00+00' FROM saved_stops
WHERE location LIKE '%"source":"google"%' OR location LIKE '%"source":"here"%'
