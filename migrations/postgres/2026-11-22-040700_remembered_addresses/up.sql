-- Where a dispatcher has put an address: that wins over every geocoder in the same organisation. Found by the digest of the
-- normalised address, because an address may be longer than a key of an index.
CREATE TABLE remembered_addresses (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  address_sha256 BYTEA NOT NULL,
  address TEXT NOT NULL,
  lat DOUBLE PRECISION NOT NULL,
  lng DOUBLE PRECISION NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT remembered_addresses_address UNIQUE (organization_id, address_sha256),
  CONSTRAINT remembered_addresses_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
