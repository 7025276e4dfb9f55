-- The labels of services, beside their documents so that lists can be filtered. They mirror the draft, or the newest
-- release, as the name of a service does.

CREATE TABLE service_labels (
    service_id TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (service_id, name)
);
CREATE INDEX service_labels_by_value ON service_labels (name, value);
