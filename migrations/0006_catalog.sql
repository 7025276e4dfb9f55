-- The catalog. A credential belongs to a service or to a user, so the tables of credentials are made anew; what refers to
-- them moves first. A listing is a service's place on the shelf; an application asks for a change of it or for a
-- subscription. Applications and subscriptions outlive what they are about, so they keep its names.

CREATE TABLE owned_credentials (
    id TEXT PRIMARY KEY,
    service_id TEXT REFERENCES services (id) ON DELETE CASCADE,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    gateway_id TEXT REFERENCES gateways (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    attributes TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('enabled', 'disabled')),
    generation BIGINT NOT NULL,
    hmac_options TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (service_id, name),
    UNIQUE (user_id, gateway_id, name),
    CHECK ((service_id IS NULL) <> (user_id IS NULL)),
    CHECK ((user_id IS NULL) = (gateway_id IS NULL))
);
INSERT INTO owned_credentials (id, service_id, name, description, attributes, status, generation, hmac_options, version,
    created_at, created_by, updated_at)
SELECT id, service_id, name, description, '{}', status, generation, hmac_options, version, created_at, created_by, updated_at
FROM credentials;

CREATE TABLE owned_key_pairs (
    credential_id TEXT NOT NULL REFERENCES owned_credentials (id) ON DELETE CASCADE,
    type TEXT NOT NULL CHECK (type IN ('basic', 'oauth2', 'hmac')),
    access_key TEXT NOT NULL,
    sealed_secret TEXT NOT NULL,
    PRIMARY KEY (credential_id, type),
    UNIQUE (type, access_key)
);
INSERT INTO owned_key_pairs (credential_id, type, access_key, sealed_secret)
SELECT credential_id, type, access_key, sealed_secret FROM key_pairs;

CREATE TABLE owned_grants (
    id TEXT PRIMARY KEY,
    credential_id TEXT NOT NULL REFERENCES owned_credentials (id) ON DELETE CASCADE,
    service_id TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    api_id TEXT NOT NULL,
    environments TEXT NOT NULL
);
INSERT INTO owned_grants (id, credential_id, service_id, api_id, environments)
SELECT id, credential_id, service_id, api_id, environments FROM grants;

DROP TABLE grants;
DROP TABLE key_pairs;
DROP TABLE credentials;
ALTER TABLE owned_credentials RENAME TO credentials;
ALTER TABLE owned_key_pairs RENAME TO key_pairs;
ALTER TABLE owned_grants RENAME TO grants;
CREATE INDEX grants_by_service ON grants (service_id);
CREATE INDEX grants_by_credential ON grants (credential_id);

CREATE TABLE listings (
    service_id TEXT PRIMARY KEY REFERENCES services (id) ON DELETE CASCADE,
    status TEXT NOT NULL CHECK (status IN ('pending_listing', 'listed', 'pending_removal')),
    provider TEXT NOT NULL,
    listed_at BIGINT NOT NULL
);

CREATE TABLE applications (
    number BIGINT PRIMARY KEY,
    gateway_id TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('launch', 'remove', 'subscribe')),
    service_id TEXT NOT NULL,
    service_code TEXT NOT NULL,
    service_name TEXT NOT NULL,
    project_id TEXT NOT NULL,
    project_name TEXT NOT NULL,
    applicant_id TEXT NOT NULL,
    applicant TEXT NOT NULL,
    reason TEXT NOT NULL,
    end_subscriptions BOOLEAN NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'withdrawn', 'closed')),
    reviewer TEXT NOT NULL,
    comment TEXT NOT NULL,
    submitted_at BIGINT NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE INDEX applications_by_applicant ON applications (applicant_id, number);
CREATE INDEX applications_by_project ON applications (project_id, number);
CREATE INDEX applications_by_service ON applications (service_id, number);

CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY,
    application BIGINT NOT NULL UNIQUE REFERENCES applications (number),
    service_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    credential_id TEXT NOT NULL,
    credential_name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'withdrawn', 'unsubscribed', 'removed', 'ended')),
    grant_id TEXT NOT NULL,
    ended_at BIGINT NOT NULL,
    ended_by TEXT NOT NULL
);
CREATE UNIQUE INDEX subscriptions_open ON subscriptions (service_id, credential_id) WHERE status IN ('pending', 'approved');
CREATE INDEX subscriptions_by_user ON subscriptions (user_id, id);
CREATE INDEX subscriptions_by_credential ON subscriptions (credential_id, id);
CREATE INDEX subscriptions_by_service ON subscriptions (service_id, id);
