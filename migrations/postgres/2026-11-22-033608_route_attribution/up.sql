-- The words that the licence of a route's road data wants shown with it; the great circle has none.
ALTER TABLE routes ADD COLUMN attribution TEXT
