-- The kind of vehicle that an organisation's routes are planned for. The previous release does not name it.
ALTER TABLE organizations ADD COLUMN vehicle TEXT NOT NULL DEFAULT 'car'
