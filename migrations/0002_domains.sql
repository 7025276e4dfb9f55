-- Certificates and custom domains. Keys are sealed before they get here; facts are what a certificate says about itself,
-- read once when it came.

CREATE TABLE certificates (
    id TEXT PRIMARY KEY,
    gateway_id TEXT NOT NULL REFERENCES gateways (id),
    name TEXT NOT NULL,
    chain TEXT NOT NULL,
    sealed_key TEXT NOT NULL,
    authorities TEXT NOT NULL,
    facts TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (gateway_id, name)
);

CREATE TABLE domains (
    id TEXT PRIMARY KEY,
    gateway_id TEXT NOT NULL REFERENCES gateways (id),
    name TEXT NOT NULL UNIQUE,
    min_tls_version TEXT NOT NULL CHECK (min_tls_version IN ('1.2', '1.3')),
    redirect_to_https BOOLEAN NOT NULL,
    client_certificates BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE domain_mappings (
    domain_id TEXT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
    prefix TEXT NOT NULL,
    service_id TEXT NOT NULL REFERENCES services (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    PRIMARY KEY (domain_id, prefix)
);
CREATE INDEX domain_mappings_by_service ON domain_mappings (service_id);
CREATE INDEX domain_mappings_by_environment ON domain_mappings (environment_id);

CREATE TABLE domain_certificates (
    domain_id TEXT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
    certificate_id TEXT NOT NULL REFERENCES certificates (id),
    PRIMARY KEY (domain_id, certificate_id)
);
CREATE INDEX domain_certificates_by_certificate ON domain_certificates (certificate_id);
