"""Real database servers in temporary folders, with password authentication, on loopback."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
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
