-- A reset may leave the secret before it valid for a while; pairs know when they were last used, to the minute. A grant may be
-- given directly, for one API and until a date. Calls are counted by the minute, for the last hour; their rows are pruned and
-- so refer to nothing.

ALTER TABLE key_pairs ADD COLUMN sealed_previous TEXT NOT NULL DEFAULT '';
ALTER TABLE key_pairs ADD COLUMN previous_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE key_pairs ADD COLUMN last_used_at BIGINT NOT NULL DEFAULT 0;

ALTER TABLE grants ADD COLUMN is_direct BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE grants ADD COLUMN expires_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE grants ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN created_by TEXT NOT NULL DEFAULT '';

CREATE TABLE call_minutes (
    service_id TEXT NOT NULL,
    environment TEXT NOT NULL,
    minute BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    PRIMARY KEY (service_id, environment, minute)
);
CREATE INDEX call_minutes_by_age ON call_minutes (minute);
