-- Where a dispatcher has put an address: that wins over every geocoder in the same organisation. Found by the digest of the
-- normalised address, because an address may be longer than a key of an index.
CREATE TABLE remembered_addresses (
  organization_id BLOB NOT NULL,
  id BLOB NOT NULL,
  address_sha256 BLOB NOT NULL,
  address TEXT NOT NULL,
  lat DOUBLE NOT NULL,
  lng DOUBLE NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT remembered_addresses_address UNIQUE (organization_id, address_sha256),
  CONSTRAINT remembered_addresses_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
