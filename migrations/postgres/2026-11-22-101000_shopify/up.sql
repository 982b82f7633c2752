-- Shops at Shopify whose orders are delivered. A key is what is left of a secret: it checks signatures.
CREATE TABLE shopify_shops (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  domain TEXT NOT NULL,
  signing_key BYTEA NOT NULL,
  previous_key BYTEA,
  previous_key_expires_at TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT shopify_shops_domain UNIQUE (organization_id, domain),
  CONSTRAINT shopify_shops_organization FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE
)
-- statement
-- Which organisations deliver for a shop: a message names the shop alone.
CREATE TABLE shopify_domains (
  domain TEXT NOT NULL,
  organization_id UUID NOT NULL,
  shop_id UUID NOT NULL,
  PRIMARY KEY (domain, organization_id)
)
-- statement
-- Orders under Shopify's numbers: what is wanted and where it is, as JSON.
CREATE TABLE shopify_orders (
  organization_id UUID NOT NULL,
  number BIGINT NOT NULL,
  shop_id UUID NOT NULL,
  status TEXT NOT NULL,
  request TEXT NOT NULL,
  location TEXT NOT NULL,
  changed_at TIMESTAMPTZ NOT NULL,
  triggered_at TIMESTAMPTZ,
  version BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, number),
  CONSTRAINT shopify_orders_shop FOREIGN KEY (organization_id, shop_id) REFERENCES shopify_shops (organization_id, id) ON DELETE CASCADE
)
-- statement
CREATE INDEX shopify_orders_of_shop ON shopify_orders (organization_id, shop_id, number)
-- statement
CREATE INDEX shopify_orders_status ON shopify_orders (organization_id, status, number)
-- statement
-- Messages of shops that were taken in, so that none counts twice.
CREATE TABLE shopify_webhooks (
  organization_id UUID NOT NULL,
  shop_id UUID NOT NULL,
  webhook_id TEXT NOT NULL,
  topic TEXT NOT NULL,
  outcome TEXT NOT NULL,
  problem TEXT,
  received_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (organization_id, shop_id, webhook_id),
  CONSTRAINT shopify_webhooks_shop FOREIGN KEY (organization_id, shop_id) REFERENCES shopify_shops (organization_id, id) ON DELETE CASCADE
)
-- statement
CREATE INDEX shopify_webhooks_received_at ON shopify_webhooks (received_at)
-- statement
CREATE INDEX shopify_webhooks_latest ON shopify_webhooks (organization_id, shop_id, received_at)
