DROP TABLE request_errors
-- statement
DROP TABLE usage_days
