-- The project an event belongs to, for those who administer it; events from before belong to none. And what users may do
-- beside, or in spite of, their roles: documents that are attached to them.

ALTER TABLE audit_events ADD COLUMN project_id TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_events_by_project ON audit_events (project_id, id);
CREATE INDEX audit_events_by_actor ON audit_events (actor, id);

CREATE TABLE access_policies (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    statements TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE user_access_policies (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    policy_id TEXT NOT NULL REFERENCES access_policies (id),
    PRIMARY KEY (user_id, policy_id)
);
CREATE INDEX user_access_policies_by_policy ON user_access_policies (policy_id);
