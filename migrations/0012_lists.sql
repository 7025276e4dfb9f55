-- What lists of very many objects need: each order they are shown in, and beside it what is searched as one text in small
-- letters, so that a search reads the index alone.

CREATE INDEX services_by_gateway ON services (gateway_id, id);
CREATE INDEX services_by_project ON services (project_id, id);

ALTER TABLE credentials ADD COLUMN searched TEXT NOT NULL DEFAULT '';
UPDATE credentials SET searched = LOWER(name || ' ' || description || COALESCE((
    SELECT MAX(CASE WHEN type = 'basic' THEN ' ' || access_key ELSE '' END)
        || MAX(CASE WHEN type = 'oauth2' THEN ' ' || access_key ELSE '' END)
        || MAX(CASE WHEN type = 'hmac' THEN ' ' || access_key ELSE '' END)
    FROM key_pairs WHERE credential_id = credentials.id), ''));
CREATE INDEX credentials_by_service ON credentials (service_id, id, searched);
CREATE INDEX credentials_by_user ON credentials (user_id, gateway_id, id);
CREATE INDEX credentials_by_gateway ON credentials (gateway_id, id, searched);

CREATE INDEX subscriptions_by_user_and_service ON subscriptions (user_id, service_id, status);
CREATE INDEX applications_by_gateway ON applications (gateway_id, number, project_id);
CREATE INDEX applications_by_status ON applications (gateway_id, status, number);
CREATE INDEX applications_by_type ON applications (gateway_id, type, number);
CREATE INDEX applications_by_applicant_name ON applications (gateway_id, applicant, number);
CREATE INDEX applications_by_service_code ON applications (gateway_id, service_code, number);
CREATE INDEX applications_by_project_name ON applications (gateway_id, project_name, number);

ALTER TABLE audit_events ADD COLUMN searched TEXT NOT NULL DEFAULT '';
UPDATE audit_events SET searched = SUBSTR(LOWER(actor || ' ' || action || ' ' || object_name || ' ' || object_id || ' ' || remote
    || ' ' || request_id), 1, 600);
CREATE INDEX audit_events_searched ON audit_events (id, at, searched);
DROP INDEX audit_events_by_project;
CREATE INDEX audit_events_by_project ON audit_events (project_id, id, at, searched);
CREATE INDEX audit_events_by_action ON audit_events (action, id);
CREATE INDEX audit_events_by_object_type ON audit_events (object_type, id);
CREATE INDEX audit_events_by_result ON audit_events (result, id);

-- The auth methods that APIs of a release want, each between commas: what the catalog is filtered by.
ALTER TABLE releases ADD COLUMN auth_kinds TEXT NOT NULL DEFAULT '';
UPDATE releases SET auth_kinds = ','
    || CASE WHEN definition LIKE '%"auth":{"kind":"none"%' THEN 'none,' ELSE '' END
    || CASE WHEN definition LIKE '%"auth":{"kind":"basic"%' THEN 'basic,' ELSE '' END
    || CASE WHEN definition LIKE '%"auth":{"kind":"oauth2"%' THEN 'oauth2,' ELSE '' END
    || CASE WHEN definition LIKE '%"auth":{"kind":"hmac"%' THEN 'hmac,' ELSE '' END;
CREATE INDEX releases_by_auth_kinds ON releases (service_id, number, auth_kinds);
