-- Events that others receive. A webhook says who wants to hear of which events; a delivery is one event on its way to one of
-- them, or a mail to somebody. A delivery is due at next_at: the time of the next attempt while none is under way, else the
-- time from which the attempt counts as lost.

CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    gateway_id TEXT NOT NULL REFERENCES gateways (id) ON DELETE CASCADE,
    project_id TEXT REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    sealed_secret TEXT NOT NULL,
    sealed_previous_secret TEXT NOT NULL,
    previous_until BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX webhooks_by_gateway ON webhooks (gateway_id, id);
CREATE INDEX webhooks_by_project ON webhooks (project_id);

CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    webhook_id TEXT REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    payload TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    answer_status BIGINT NOT NULL,
    error TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL
);
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE status = 'pending';
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_finished ON deliveries (finished_at) WHERE status <> 'pending';

ALTER TABLE users ADD COLUMN mail_notifications BOOLEAN NOT NULL DEFAULT TRUE;
