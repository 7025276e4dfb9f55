-- What the last transactions changed for callers, in the order of their commits: how the processes on one store follow
-- each other. object_id is that of the service or certificate, if the kind has one.

CREATE TABLE changes (
    number BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL
);
