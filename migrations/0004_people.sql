-- Who may do what where. A user is a system administrator or an ordinary user; in a project a user is its administrator or
-- a member with one of three permissions. Until now all users were administrators, so those there are stay it; the oldest
-- is root.

ALTER TABLE users ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN email TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN is_system_admin BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN is_root BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
UPDATE users SET is_system_admin = TRUE;
UPDATE users SET is_root = TRUE WHERE id = (SELECT MIN(id) FROM users);
ALTER TABLE users DROP COLUMN role;

ALTER TABLE projects ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE projects ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

CREATE TABLE memberships (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
    permission TEXT NOT NULL CHECK (permission IN ('read', 'edit', 'edit_publish')),
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (project_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id);

ALTER TABLE tokens ADD COLUMN projects TEXT NOT NULL DEFAULT '[]';
