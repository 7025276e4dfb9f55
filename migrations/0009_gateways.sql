-- Gateways can be changed, so they have versions.

ALTER TABLE gateways ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
