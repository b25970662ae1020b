"""A Postgres server for tests: on loopback, in a folder of its own, and only for the process that starts it."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

# A password, so that tests can use a wrong one.
PASSWORD = "of-the-tests"


def programs() -> Path | None:
    """The folder of Postgres' server programs, or None. Debian does not put them on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


class Server:
    """A running server. `environment` has the variables by which build.py, dbt and psql find the database."""

    def __init__(self, folder: Path):
        self.folder, self.programs = folder, programs()
        # As root: Postgres refuses to run as root, and Debian's package makes the user postgres.
        self.user = "postgres" if os.geteuid() == 0 else None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "builder", "PGPASSWORD": PASSWORD, "PGDATABASE": "scores"}

    def run(self, program: str, *arguments: str, **options) -> None:
        """Run one of Postgres' programs as the server's user. Raises subprocess.CalledProcessError."""
        subprocess.run([self.programs / program, *arguments], check=True, user=self.user, group=self.user, extra_groups=[] if self.user else None,
                       cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **options)  # fmt: skip

    def start(self, more: str = "") -> None:
        """Create the cluster, and start the server, with `more` options."""
        self.folder.chmod(0o755)
        data = self.folder / "data"
        data.mkdir()
        if self.user:
            shutil.chown(data, self.user, self.user)
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        self.run("initdb", "--pgdata", str(data), "--username", "builder", "--auth", "scram-sha-256", "--pwfile", str(secret), "--encoding", "UTF8",
                 "--lc-collate", "C", "--lc-ctype", "C.UTF-8", "--no-sync")  # fmt: skip
        # Tests need no durability; they do need room for two builds at once.
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off -c jit=off -c shared_buffers=256MB -c work_mem=64MB -c max_wal_size=2GB {more}"
        self.run("pg_ctl", "start", "--wait", "--pgdata", str(data), "--log", str(data / "log"), "--options", options)

    def stop(self) -> None:
        """Stop the server at once."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.run("pg_ctl", "stop", "--pgdata", str(self.folder / "data"), "--mode", "immediate", stderr=subprocess.DEVNULL)

    def connect(self, database: str = "scores", **other):
        """A connection of psycopg2 that commits each statement."""
        import psycopg2

        given = {"host": "127.0.0.1", "port": self.port, "user": "builder", "password": PASSWORD, "dbname": database} | other
        connection = psycopg2.connect(**given)
        connection.autocommit = True
        return connection

    def query(self, text: str, database: str = "scores") -> list[tuple]:
        """The rows of a query, as the owner of the server."""
        connection = self.connect(database)
        try:
            cursor = connection.cursor()
            cursor.execute(text)
            return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


@contextlib.contextmanager
def started():
    """A server that ends with the block."""
    with tempfile.TemporaryDirectory(prefix="lead_scoring_postgres") as folder:
        server = Server(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
