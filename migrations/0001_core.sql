-- The nouns of the first version. Types and syntax are the subset that SQLite and PostgreSQL share. Ids are made by the
-- program and sort by time; times are UTC milliseconds; documents are JSON text; secrets are sealed before they get here.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE gateways (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    gateway_id TEXT NOT NULL REFERENCES gateways (id),
    name TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (gateway_id, name)
);

CREATE TABLE environments (
    id TEXT PRIMARY KEY,
    gateway_id TEXT NOT NULL REFERENCES gateways (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'suspended')),
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (gateway_id, code)
);

CREATE TABLE service_groups (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (project_id, name)
);

CREATE TABLE services (
    id TEXT PRIMARY KEY,
    gateway_id TEXT NOT NULL REFERENCES gateways (id),
    project_id TEXT NOT NULL REFERENCES projects (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    protocol TEXT NOT NULL CHECK (protocol IN ('HTTP', 'HTTPS', 'HTTP&HTTPS')),
    group_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    latest_release BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    UNIQUE (gateway_id, code),
    UNIQUE (project_id, name)
);

CREATE TABLE drafts (
    service_id TEXT PRIMARY KEY REFERENCES services (id) ON DELETE CASCADE,
    definition TEXT NOT NULL,
    base_release BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);

CREATE TABLE releases (
    service_id TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    definition TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (service_id, number)
);

CREATE TABLE deployments (
    service_id TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    environment_id TEXT NOT NULL REFERENCES environments (id),
    release_number BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'stopped')),
    since BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    limit_origins TEXT NOT NULL,
    PRIMARY KEY (service_id, environment_id),
    FOREIGN KEY (service_id, release_number) REFERENCES releases (service_id, number)
);
CREATE INDEX deployments_by_environment ON deployments (environment_id);

CREATE TABLE release_records (
    id TEXT PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    environment TEXT NOT NULL,
    release_number BIGINT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('publish', 'replace', 'stop', 'start', 'rollback')),
    result TEXT NOT NULL,
    operator_name TEXT NOT NULL,
    at BIGINT NOT NULL,
    note TEXT NOT NULL
);
CREATE INDEX release_records_by_service ON release_records (service_id, id);

CREATE TABLE credentials (
    id TEXT PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('enabled', 'disabled')),
    generation BIGINT NOT NULL,
    hmac_options TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (service_id, name)
);

CREATE TABLE key_pairs (
    credential_id TEXT NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
    type TEXT NOT NULL CHECK (type IN ('basic', 'oauth2', 'hmac')),
    access_key TEXT NOT NULL,
    sealed_secret TEXT NOT NULL,
    PRIMARY KEY (credential_id, type),
    UNIQUE (type, access_key)
);

CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    credential_id TEXT NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
    service_id TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    api_id TEXT NOT NULL,
    environments TEXT NOT NULL
);
CREATE INDEX grants_by_service ON grants (service_id);
CREATE INDEX grants_by_credential ON grants (credential_id);

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('administrator')),
    enabled BOOLEAN NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('api', 'session')),
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    permissions TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX tokens_by_user ON tokens (user_id, id);
CREATE INDEX tokens_by_expiry ON tokens (expires_at);

CREATE TABLE audit_events (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    token_id TEXT NOT NULL,
    remote TEXT NOT NULL,
    request_id TEXT NOT NULL,
    action TEXT NOT NULL,
    object_type TEXT NOT NULL,
    object_id TEXT NOT NULL,
    object_name TEXT NOT NULL,
    result TEXT NOT NULL,
    before_value TEXT NOT NULL,
    after_value TEXT NOT NULL
);
CREATE INDEX audit_events_by_object ON audit_events (object_type, object_id, id);

CREATE TABLE idempotency_keys (
    owner TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_sha256 TEXT NOT NULL,
    status BIGINT NOT NULL,
    sealed_answer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (owner, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
