DROP TABLE shopify_webhooks
-- statement
DROP TABLE shopify_orders
-- statement
DROP TABLE shopify_domains
-- statement
DROP TABLE shopify_shops
