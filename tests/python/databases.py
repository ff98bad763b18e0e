"""Real database servers in temporary folders, with password authentication, on loopback."""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import pg8000.exceptions
import pg8000.native
import pymysql

NOBODY = 65534


class Daemon:
    """A server in a folder of its own. Database servers refuse to be root's, so that root's are nobody's."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="strongroom-db-"))
        self.user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        if self.user:
            os.chown(self.folder, NOBODY, NOBODY)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = None

    def start(self, words):
        with open(self.folder / "server.log", "wb") as log:
            self.process = subprocess.Popen(
                words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.user
            )
        deadline = time.monotonic() + 90
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return
            assert self.process.poll() is None and time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def prepare(self, words):
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, check=False, **self.user)
        assert done.returncode == 0, done.stderr

    def said(self):
        return (self.folder / "server.log").read_text(errors="replace")

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class MariaDb(Daemon):
    """MariaDB, whose root has the password `Master#1`."""

    engine = "mariadb"
    template = "SecretsManagerRDSMariaDBRotation"
    master = ("admin", "Master#1")

    def __init__(self):
        super().__init__()
        data = self.folder / "data"
        self.prepare([
            "mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ])  # fmt: skip
        self.start([
            shutil.which("mariadbd") or "/usr/sbin/mariadbd", "--no-defaults", f"--datadir={data}",
            f"--port={self.port}", "--bind-address=127.0.0.1", f"--socket={self.folder}/s", "--skip-name-resolve",
        ])  # fmt: skip
        with self.connect("root", "") as connection, connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE app")
            cursor.execute("CREATE USER 'admin'@'%' IDENTIFIED BY 'Master#1'")
            cursor.execute("GRANT ALL ON *.* TO 'admin'@'%' WITH GRANT OPTION")
            cursor.execute("ALTER USER root@localhost IDENTIFIED BY 'not of use'")

    def create_user(self, name, password):
        with self.connect(*self.master) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE USER '{name}'@'%%' IDENTIFIED BY %s", (password,))
            cursor.execute(f"GRANT SELECT ON app.* TO '{name}'@'%'")

    def create_user_with_rights(self, name, password):
        """A user at two hosts, with rights of several kinds, so that a clone that lacks one is seen."""
        self.create_user(name, password)
        with self.connect(*self.master) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS app.items (id INT)")
            cursor.execute(f"CREATE USER '{name}'@'127.0.0.1' IDENTIFIED BY %s", (password,))
            for grant in ("EXECUTE ON *.*", "INSERT, UPDATE ON app.items"):
                cursor.execute(f"GRANT {grant} TO '{name}'@'%'")
            cursor.execute(f"GRANT SELECT ON app.* TO '{name}'@'127.0.0.1'")
            cursor.execute(f"ALTER USER '{name}'@'%' WITH MAX_USER_CONNECTIONS 7")

    def rights(self, user):
        """What a user may do, comparable with what another one may. It has one password at all hosts."""
        accounts = "SELECT Host, plugin, max_user_connections FROM mysql.user WHERE User = %s ORDER BY Host"
        passwords = "SELECT DISTINCT authentication_string FROM mysql.user WHERE User = %s"
        with self.connect(*self.master) as connection, connection.cursor() as cursor:
            assert cursor.execute(passwords, (user,)) == 1
            cursor.execute(accounts, (user,))
            accounts = cursor.fetchall()
            grants = []
            for host, *_ in accounts:
                cursor.execute(f"SHOW GRANTS FOR '{user}'@'{host}'")
                grants += [re.sub(" IDENTIFIED BY PASSWORD '[^']*'", "", grant) for (grant,) in cursor.fetchall()]
        return accounts, sorted(grant.replace(f"`{user}`", "`the user`") for grant in grants)

    def connect(self, user, password):
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user=user, password=password, autocommit=True, connect_timeout=10
        )

    def takes(self, user, password):
        try:
            with self.connect(user, password) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except pymysql.err.OperationalError as refused:
            assert refused.args[0] == 1045, refused
            return False
        return True


class Postgres(Daemon):
    """PostgreSQL with SCRAM passwords."""

    engine = "postgres"
    template = "SecretsManagerRDSPostgreSQLRotation"
    master = ("admin", "Master#1")

    def __init__(self):
        super().__init__()
        programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        password = self.folder / "password"
        password.write_text(self.master[1])
        data = self.folder / "data"
        if self.user:
            os.chown(password, NOBODY, NOBODY)
        self.prepare([
            programs / "initdb", "--username", self.master[0], "--auth", "scram-sha-256", "--encoding", "UTF8",
            "--locale", "C.UTF-8", "--no-sync", f"--pwfile={password}", f"--pgdata={data}",
        ])  # fmt: skip
        self.start([
            programs / "postgres", "-D", data, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
            "-c", f"unix_socket_directories={self.folder}", "-c", "fsync=off",
        ])  # fmt: skip
        deadline = time.monotonic() + 60
        while True:
            try:
                self.connect(*self.master).close()
                return
            except pg8000.exceptions.DatabaseError:
                # It listens a little before it serves.
                assert time.monotonic() < deadline, self.said()
                time.sleep(0.1)

    def create_user(self, name, password):
        connection = self.connect(*self.master)
        connection.run(f"CREATE ROLE {name} LOGIN PASSWORD {pg8000.native.literal(password)}")
        connection.close()

    def create_user_with_rights(self, name, password):
        """A user with rights of several kinds, so that a clone that lacks one is seen."""
        self.create_user(name, password)
        connection = self.connect(*self.master)
        for statement in (
            "CREATE SCHEMA IF NOT EXISTS app",
            "CREATE TABLE IF NOT EXISTS app.items (id INT)",
            f"GRANT USAGE ON SCHEMA app TO {name}",
            f"GRANT SELECT, INSERT ON app.items TO {name}",
            f"ALTER ROLE {name} CREATEDB CONNECTION LIMIT 7",
            f"ALTER ROLE {name} SET search_path = app, public",
            f"ALTER ROLE {name} SET work_mem = '5MB'",
        ):
            connection.run(statement)
        connection.close()

    def rights(self, user):
        """What a user may do, comparable with what another one may."""
        connection = self.connect(*self.master)
        attributes = connection.run(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolinherit, rolcanlogin,"
            " rolconnlimit, rolconfig FROM pg_roles WHERE rolname = :user",
            user=user,
        )
        on_items = connection.run(
            "SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p"
            " WHERE has_table_privilege(:user, 'app.items', p) AND has_schema_privilege(:user, 'app', 'USAGE')",
            user=user,
        )
        connection.close()
        return attributes, on_items

    def connect(self, user, password):
        return pg8000.native.Connection(
            user, host="127.0.0.1", port=self.port, password=password, database="postgres", timeout=10
        )

    def takes(self, user, password):
        try:
            connection = self.connect(user, password)
        except pg8000.exceptions.DatabaseError as refused:
            assert refused.args[0]["C"] == "28P01", refused
            return False
        connection.run("SELECT 1")
        connection.close()
        return True


class Between:
    """Stands between clients and a database, and can keep one connection from going on."""

    # Those that change something, and the one by which a rotation tries the new credential.
    statement = re.compile(rb"\b(ALTER|COMMIT|CREATE USER|GRANT|SET DEFAULT|SET PASSWORD|SELECT NOW\(\))")

    def __init__(self, database):
        self.database = database
        self.lock = threading.Lock()
        self.hold_after(None)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def hold_after(self, statements):
        """Lets that many statements pass. The connection of the next one stands still from then on."""
        with self.lock:
            self.left, self.held = statements, None

    def is_held(self, said):
        with self.lock:
            if self.left is None or not self.statement.search(said):
                return False
            self.left -= 1
            if self.left >= 0:
                return False
            self.left, self.held = None, said
            return True

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def carry(self, client):
        server = socket.create_connection(("127.0.0.1", self.database.port))
        threading.Thread(target=self.answer, args=(server, client), daemon=True).start()
        is_held = False
        with client, server, contextlib.suppress(OSError):
            while said := client.recv(65536):
                is_held = is_held or self.is_held(said)
                if not is_held:
                    server.sendall(said)
            server.shutdown(socket.SHUT_RDWR)

    def answer(self, server, client):
        with contextlib.suppress(OSError):
            while said := server.recv(65536):
                client.sendall(said)
            client.shutdown(socket.SHUT_RDWR)

    def stop(self):
        # A thread that waits in accept keeps the listener open otherwise.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
