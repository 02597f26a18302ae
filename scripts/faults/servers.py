"""Private servers that are killed and started again, each on a Unix socket in a folder of its own."""

import contextlib
import glob
import json
import os
import pathlib
import pwd
import shutil
import signal
import sqlite3
import subprocess
import time

from redis_client import Redis

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60


class Unavailable(Exception):
    """A server did not start."""


class Server:
    """A process that ends with this one, whatever happens, and can be killed and started again."""

    name = "server"
    user = None

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.process = None

    def command(self):
        raise NotImplementedError

    def answers(self):
        """Whether it can be used now."""
        raise NotImplementedError

    def launch(self):
        # The parent-death signal stands behind the change of user, which clears it. PostgreSQL frees its memory on QUIT.
        hold = ["setpriv", "--pdeathsig", "QUIT" if self.name == "postgres" else "KILL"]
        program = str(self.command()[0])
        if not shutil.which(program):
            raise Unavailable(f"{program} is not installed")
        with open(self.folder / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                [*self.as_user(), *hold, *map(str, self.command())], cwd=self.place(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )

    def as_user(self):
        if self.user is None or os.geteuid() != 0:
            return []
        return ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--init-groups"]

    def place(self):
        return self.folder

    def make_place(self):
        """A folder that the server's user alone and root may enter."""
        place = self.folder / self.name
        place.mkdir(mode=0o700)
        if self.as_user():
            shutil.chown(place, self.user, pwd.getpwnam(self.user).pw_gid)
        return place

    def start(self):
        self.launch()
        self.await_answer()

    def await_answer(self):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.answers():
            if self.process.poll() is not None:
                # What a killed one left behind may still be in the way of the next.
                self.launch()
            if time.monotonic() > deadline:
                raise Unavailable(f"{self.name} did not start:\n" + tail(self.folder / f"{self.name}.log"))
            time.sleep(0.05)

    def revive(self):
        """Starts it again if it does not run; called until it answers."""
        if self.process.poll() is not None:
            self.launch()

    def kill(self):
        for pid in [self.process.pid, *children_of(self.process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def hold(self, command):
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self):
        if self.process and self.process.poll() is None:
            self.kill()


class RedisServer(Server):
    name = "redis"

    def __init__(self, folder, fsync="always"):
        super().__init__(folder)
        self.fsync = fsync
        self.socket = self.folder / "redis.sock"
        self.url = f"redis+unix://{self.socket}"

    def command(self):
        return ["redis-server", "--port", 0, "--unixsocket", self.socket, "--dir", self.folder, "--save", "", "--appendonly", "yes",
                "--appendfsync", self.fsync, "--loglevel", "notice"]

    def answers(self):
        try:
            return Redis(self.socket, patience=2).ask("PING") == "PONG"
        except OSError:
            return False

    def client(self, patience=30):
        return Redis(self.socket, patience)


def postgres_program(name):
    found = shutil.which(name) or next(iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)), None)
    if not found:
        raise Unavailable(f"{name} is not installed")
    return found


class SQLiteStore:
    """No server: a file, which somebody else may hold locked for a while."""

    name = "sqlite"
    socket = None

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / "soak.db"
        self.url = f"sqlite:{self.path}"
        self.holder = None

    def start(self): ...

    def stop(self):
        self.unlock()

    def lock(self):
        """Keeps all others from writing."""
        self.unlock()
        holder = sqlite3.connect(self.path, isolation_level=None, timeout=0.2)
        try:
            holder.execute("BEGIN IMMEDIATE")
            self.holder = holder
        except sqlite3.OperationalError:
            # A worker writes just now. Its turn is short.
            holder.close()

    def unlock(self):
        if self.holder:
            self.holder.close()
            self.holder = None

    def rows(self, table, columns, order):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as store:
            yield from store.execute(f"SELECT {', '.join(columns)} FROM penstock_{table} ORDER BY {order}")


class PostgresStore(Server):
    name = "postgres"
    user = "postgres"

    def __init__(self, folder):
        super().__init__(folder)
        self.directory = self.folder / "postgres"
        self.socket = self.directory / ".s.PGSQL.5432"
        self.url = self.url_at(self.directory)

    @staticmethod
    def url_at(directory):
        return f"postgres://penstock@/postgres?host={directory}"

    def place(self):
        return self.directory

    def start(self):
        self.make_place()
        with open(self.folder / "postgres.log", "ab") as log:
            subprocess.run(
                [*self.as_user(), postgres_program("initdb"), "--pgdata", "data", "--username", "penstock", "--auth", "trust", "--encoding",
                 "UTF8", "--locale", "C", "--no-sync"],
                cwd=self.directory, check=True, stdout=log, stderr=log,
            )
        super().start()

    def command(self):
        return [postgres_program("postgres"), "-D", "data", "-k", self.directory, "-c", "listen_addresses=", "-c",
                "unix_socket_permissions=0700", "-c", "max_connections=200", "-c", "dynamic_shared_memory_type=mmap"]

    def answers(self):
        return subprocess.run(
            [postgres_program("pg_isready"), "--quiet", "--host", self.directory, "--username", "penstock"], capture_output=True
        ).returncode == 0

    def psql(self, statement):
        asked = subprocess.run(
            ["psql", "--no-psqlrc", "--no-align", "--tuples-only", "--host", self.directory, "--username", "penstock", "postgres", "--command",
             statement],
            capture_output=True, text=True,
        )
        if asked.returncode:
            raise ConnectionError(asked.stderr.strip())
        return asked.stdout

    def cut_connections(self):
        self.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")

    def lock_rows(self, seconds):
        """Keeps all others from changing a session's row for so long; ends by itself."""
        return self.hold(["psql", "--no-psqlrc", "--quiet", "--host", self.directory, "--username", "penstock", "postgres", "--command",
                          f"BEGIN; SELECT count(*) FROM (SELECT 1 FROM penstock_session FOR UPDATE) s; SELECT pg_sleep({seconds}); COMMIT"])

    def rows(self, table, columns, order):
        read = ", ".join(f"{column}::text" for column in columns)
        for line in self.psql(f"SELECT json_build_array({read}) FROM penstock_{table} ORDER BY {order}").splitlines():
            yield json.loads(line)


class MariaDBStore(Server):
    name = "mariadb"
    user = "mysql"

    def __init__(self, folder):
        super().__init__(folder)
        self.directory = self.folder / self.name
        self.socket = self.directory / "server.sock"
        self.url = self.url_at(self.socket)

    @staticmethod
    def url_at(socket):
        return f"mysql://root@/penstock?socket={socket}"

    def place(self):
        return self.directory

    def start(self):
        self.make_place()
        with open(self.folder / f"{self.name}.log", "ab") as log:
            subprocess.run([*self.as_user(), *self.maker()], cwd=self.directory, check=True, stdout=log, stderr=log)
        super().start()
        self.run_sql("CREATE DATABASE penstock", database=None)

    def maker(self):
        """What makes the data folder."""
        return ["mariadb-install-db", "--no-defaults", f"--datadir={self.directory}/data", "--skip-test-db", "--skip-name-resolve",
                "--auth-root-authentication-method=normal", "--innodb-log-file-size=32M"]

    def command(self):
        return [shutil.which("mariadbd") or "/usr/sbin/mariadbd", *self.settings(), "--innodb-log-file-size=32M"]

    def settings(self):
        return ["--no-defaults", f"--datadir={self.directory}/data", "--skip-networking", f"--socket={self.socket}",
                f"--pid-file={self.directory}/pid", f"--tmpdir={self.directory}", "--character-set-server=utf8mb4", "--max-connections=200",
                "--innodb-flush-log-at-trx-commit=1"]

    def client(self, *options):
        return ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", *options]

    def answers(self):
        return subprocess.run(
            ["mariadb-admin", "--no-defaults", f"--socket={self.socket}", "--user=root", "ping"], capture_output=True
        ).returncode == 0

    def run_sql(self, statement, database="penstock"):
        asked = subprocess.run(
            self.client("--skip-column-names", "--raw", "--batch", "--force", *([database] if database else [])),
            input=statement, capture_output=True, text=True,
        )
        if asked.returncode and "ERROR 1094" not in asked.stderr:
            raise ConnectionError(asked.stderr.strip())
        return asked.stdout

    def cut_connections(self):
        # One that has left meanwhile is nobody's fault.
        kills = self.run_sql("SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist "
                             "WHERE user = 'root' AND id <> CONNECTION_ID()", database=None)
        self.run_sql(kills, database=None)

    def lock_rows(self, seconds):
        """Keeps all others from changing a session's row for so long; ends by itself."""
        return self.hold(self.client(
            "penstock", "--execute",
            f"START TRANSACTION; SELECT id FROM penstock_session FOR UPDATE; DO SLEEP({seconds}); COMMIT"))

    def rows(self, table, columns, order):
        read = ", ".join(f"CONCAT({column}, '')" for column in columns)
        for line in self.run_sql(f"SELECT JSON_ARRAY({read}) FROM penstock_{table} ORDER BY {order}").splitlines():
            yield json.loads(line)


class MySQLStore(MariaDBStore):
    """MySQL's own server. It is of whoever calls, root too, who may be the only one to reach its program."""

    name = "mysql"
    user = None

    def __init__(self, folder):
        super().__init__(folder)
        found = subprocess.run([SCRIPTS / "fetch-mysql"], capture_output=True, text=True)
        if found.returncode:
            raise Unavailable(found.stderr.strip())
        self.program = found.stdout.strip()

    def maker(self):
        return [*self.command(), "--initialize-insecure"]

    def command(self):
        as_root = ["--user=root"] if os.geteuid() == 0 else []
        return [self.program, *self.settings(), *as_root, "--sync-binlog=1"]


STORES = {"sqlite": SQLiteStore, "postgres": PostgresStore, "mariadb": MariaDBStore, "mysql": MySQLStore}


def children_of(pid):
    """The processes that a process has started and that still run, and those that they have."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                fields = pathlib.Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
                parents.setdefault(int(fields[1]), []).append(int(entry))
    found, waiting = [], [pid]
    while waiting:
        some = parents.get(waiting.pop(), [])
        found += some
        waiting += some
    return found


def tail(path, lines=20):
    with contextlib.suppress(OSError):
        return "\n".join(pathlib.Path(path).read_text(errors="replace").splitlines()[-lines:])
    return ""
