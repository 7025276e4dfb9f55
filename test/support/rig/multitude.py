"""Fills a store with very many objects by SQL. Each is a copy of one that the program itself made, under ids of its own."""
import base64
import ctypes
import ctypes.util
import json
import os
import sqlite3
import subprocess


class SqliteTables:
    """The store of a gateway that is stopped, as a file."""

    def __init__(self, lintel):
        self._database = sqlite3.connect(lintel.data / "lintel.db")
        self._database.row_factory = sqlite3.Row

    def rows(self, table, condition="TRUE"):
        return [dict(row) for row in self._database.execute(f"SELECT * FROM {table} WHERE {condition}")]

    def add(self, table, rows):
        rows = iter(rows)
        first = next(rows)
        names = list(first)
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        with self._database:
            self._database.execute(statement, list(first.values()))
            self._database.executemany(statement, (list(row.values()) for row in rows))

    def close(self):
        self._database.close()


class PostgresTables:
    """The same on a server."""

    def __init__(self, server, database):
        self._server, self._database = server, database

    def rows(self, table, condition="TRUE"):
        text = self._server.sql(f"SELECT row_to_json(t) FROM {table} t WHERE {condition}", self._database)
        return [json.loads(line) for line in text.splitlines()]

    def add(self, table, rows):
        rows = iter(rows)
        first = next(rows)
        command = ["psql", "--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", "-d", self._server.url(self._database),
                   "-c", f"COPY {table} ({', '.join(first)}) FROM STDIN"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as copying:
            copying.stdin.write(self._line(first))
            copying.stdin.writelines(map(self._line, rows))
            copying.stdin.close()
            assert copying.wait() == 0, table

    @staticmethod
    def _line(row):
        return "\t".join("\\N" if value is None else
                         str(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
                         for value in row.values()) + "\n"

    def close(self):
        # Rows that came one after the other, as they do in a life, leave full pages in an index that grows at its end.
        self._server.sql("REINDEX TABLE audit_events", self._database)
        self._server.sql("VACUUM ANALYZE", self._database)


class Seals:
    """Seals secrets with the master key as the store does."""

    def __init__(self, master_key):
        self._sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
        assert self._sodium.sodium_init() >= 0
        self._key = ctypes.create_string_buffer(32)
        self._sodium.crypto_kdf_derive_from_key(self._key, 32, ctypes.c_uint64(1), b"lintelv1", master_key)

    def __call__(self, secret, context):
        nonce, sealed = os.urandom(24), ctypes.create_string_buffer(len(secret) + 16)
        self._sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
            sealed, None, secret, ctypes.c_ulonglong(len(secret)), context, ctypes.c_ulonglong(len(context)), None, nonce,
            self._key)
        return base64.b64encode(b"\x01" + nonce + sealed.raw).decode()


def numbered(identity, number):
    """An id like this one, of its own and sorted by the number."""
    return f"{identity[:-10]}{number:010d}"


class Multitude:
    """Multiplies one listed service with its credential, and one subscriber with its subscription."""

    def __init__(self, tables, master_key, projects, service, subscription, user):
        self._tables, self._seal, self._projects = tables, Seals(master_key), projects
        self._service, self._subscription, self._user = service, subscription, user
        [self._call_credential] = tables.rows("credentials", f"service_id = '{service}'")
        [self._own_credential] = tables.rows("credentials", f"id = '{subscription['credential']['id']}'")

    def _copies(self, table, condition, count, change):
        """Every row that matches, so often; `change` gives the columns that differ in copy n."""
        templates = self._tables.rows(table, condition)
        assert templates, (table, condition)
        self._tables.add(table, ({**row, **change(row, number)} for number in range(count) for row in templates))

    def services(self, count):
        """Numbered services, published and listed, evenly over the projects."""
        where = f"service_id = '{self._service}'"

        def of_service(row, number):
            return {"service_id": numbered(self._service, number)}

        def definition(row, number):
            text = row["definition"]
            for api in {part.split('"')[0] for part in text.split('"id":"')[1:]}:
                text = text.replace(api, numbered(api, number))
            return {**of_service(row, number), "definition": text}

        self._copies("services", f"id = '{self._service}'", count, lambda row, number: {
            "id": numbered(row["id"], number), "code": f"many-{number}", "name": f"Many {number}",
            "description": f"number {number} of many", "project_id": self._projects[number % len(self._projects)],
            "group_name": "Default" if number % 10 else "Tenth"})
        self._copies("releases", where, count, definition)
        for table in ("deployments", "listings", "service_labels"):
            self._copies(table, where, count, of_service)
        self._copies("release_records", where, count, lambda row, number: {
            **of_service(row, number), "id": numbered(row["id"], number)})

    def users(self, count):
        self._copies("users", f"id = '{self._user}'", count, lambda row, number: {
            "id": numbered(row["id"], number), "name": f"many{number}", "email": f"many{number}@example.org"})

    def call_credentials(self, owners):
        """One for each number of a service."""
        self._credentials(self._call_credential, owners, "service_id", self._service, first=0)

    def own_credentials(self, owners):
        """One for each number of a user."""
        self._credentials(self._own_credential, owners, "user_id", self._user, first=50_000_000)

    def _credentials(self, template, owners, column, owner, first):
        identities = [numbered(template["id"], first + number) for number in range(len(owners))]
        pairs = self._tables.rows("key_pairs", f"credential_id = '{template['id']}'")
        self._tables.add("credentials", (
            {**template, "id": identity, "name": f"key {number}", "description": f"the key with number {number}",
             "searched": f"key {number} the key with number {number} " + " ".join(
                 numbered(pair["access_key"], first + number) for pair in pairs),
             column: numbered(owner, of)} for number, (identity, of) in enumerate(zip(identities, owners))))
        self._tables.add("key_pairs", (
            {**pair, "credential_id": identity, "access_key": numbered(pair["access_key"], first + number),
             "sealed_secret": self._seal(b"x" * 32, f"key_pairs|{identity}/{pair['type']}|sealed_secret|1".encode())}
            for number, identity in enumerate(identities) for pair in pairs))

    def subscriptions(self, pairs):
        """Approved ones, with their applications and grants: (number of the credential, of its user, of the service)."""
        where = f"id = '{self._subscription['id']}'"
        [subscription] = self._tables.rows("subscriptions", where)
        [application] = self._tables.rows("applications", f"number = {subscription['application']}")
        [grant] = self._tables.rows("grants", f"id = '{subscription['grant_id']}'")
        first = self._tables.rows("applications")[-1]["number"] + 1000

        def credential(number):
            return numbered(self._own_credential["id"], 50_000_000 + number)

        def service(number):
            return numbered(self._service, number)

        self._tables.add("applications", (
            {**application, "number": first + n, "service_id": service(of), "service_code": f"many-{of}",
             "service_name": f"Many {of}", "project_id": self._projects[of % len(self._projects)], "applicant_id": numbered(self._user, user), "applicant": f"many{user}"}
            for n, (_, user, of) in enumerate(pairs)))
        self._tables.add("grants", (
            {**grant, "id": numbered(grant["id"], n), "credential_id": credential(key), "service_id": service(of)}
            for n, (key, _, of) in enumerate(pairs)))
        self._tables.add("subscriptions", (
            {**subscription, "id": numbered(subscription["id"], n), "application": first + n, "service_id": service(of),
             "user_id": numbered(self._user, user), "credential_id": credential(key), "credential_name": f"key {key}",
             "grant_id": numbered(grant["id"], n)} for n, (key, user, of) in enumerate(pairs)))

    def audit_events(self, count):
        [template] = self._tables.rows("audit_events", f"object_id = '{self._service}' AND action = 'service.create'")
        self._tables.add("audit_events", (
            {**template, "id": numbered(template["id"], n), "object_id": numbered(self._service, n), "object_name": f"Many {n}",
             "searched": template["searched"].replace(self._service, numbered(self._service, n)) + f"many {n} ",
             "project_id": self._projects[n % len(self._projects)], "request_id": numbered(template["request_id"], n)} for n in range(count)))
