"""Measures Penstock and its peers in alternation, and prints one table of medians with the ratio of each to Penstock.

    drive.py queue ROUNDS       jobs of one step: how many a second, what they cost, and how long one takes to an idle worker
    drive.py flow ROUNDS        five nodes with a checkpoint after each, in memory and in the private servers of scripts/services

$PENSTOCK is the penstock to measure, $PEERS the folder that scripts/bench/peers/install made. What is not installed is left out.
"""

import json
import os
import pathlib
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PENSTOCK = os.environ["PENSTOCK"]
BIN = pathlib.Path(os.environ.get("PEERS", "/nonexistent")) / "bin"
TICKS = os.sysconf("SC_CLK_TCK")


def python(name):
    return [str(BIN / "python"), "-B", str(HERE / f"peer_{name}.py")]


def penstock_serving(surroundings):
    return python("penstock"), [PENSTOCK, "work", "--flows", str(HERE / "penstock"), "--slots", "16"], 1, 20_000, surroundings


# Each as its documentation recommends for two cores: what produces, what works, how many of those, jobs, surroundings.
QUEUES = {
    "Penstock, a Python node that stays, Redis": penstock_serving({}),
    "Penstock, a Python node that stays, memory": penstock_serving({"PENSTOCK_STORE_URL": "memory:"}),
    "Sidekiq (2 processes; at most once, no results)": (
        ["ruby", str(HERE / "peer_sidekiq.rb")],
        ["sidekiq", "-r", str(HERE / "peer_sidekiq.rb"), "-q", "bench", "-e", "production", "-c", "10"], 2, 60_000, {}),
    "taskiq (list; at most once, no results)": (
        python("taskiq"), [str(BIN / "taskiq"), "worker", "peer_taskiq:broker", "--log-level", "ERROR", "--workers", "2"], 1, 20_000, {}),
    "taskiq (stream, acknowledged, results)": (
        python("taskiq"), [str(BIN / "taskiq"), "worker", "peer_taskiq:broker", "--log-level", "ERROR", "--workers", "2"], 1, 20_000,
        {"TASKIQ_SAFE": "1"}),
    "saq (2 processes; acknowledged, results)": (python("saq"), [str(BIN / "saq"), "peer_saq.settings"], 2, 15_000, {}),
}
WHOLE_JOBS = {
    "arq + llmfy, lock, result (2 processes)": (python("arq"), [str(BIN / "arq"), "peer_arq.WorkerSettings"], 2, 2_000, {}),
}


def run_json(command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, **more)
    return json.loads(done.stdout.strip().splitlines()[-1])


# MARK: processes


def tree(pid):
    """A process and all that descend from it."""
    found, left = [], [pid]
    while left:
        pid = left.pop()
        found.append(pid)
        for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                left += map(int, task.read_text().split())
            except OSError:
                pass
    return found


def processor_seconds(pids):
    total = 0
    for pid in pids:
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def megabytes(pids):
    """What the processes hold, each shared page by its share."""
    total = 0
    for pid in pids:
        try:
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total / 1024


class Redis:
    """A private server without persistence, which the peers are measured with too."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="penstock-peers.")
        self.socket = self.folder + "/redis.sock"
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.socket, "--save", "", "--appendonly", "no", "--dir", self.folder],
            stdout=subprocess.DEVNULL)
        while subprocess.run(["redis-cli", "-s", self.socket, "PING"], capture_output=True).stdout != b"PONG\n":
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


class Workers:
    """A peer's workers, which are gone afterwards."""

    def __init__(self, command, count, env):
        self.command, self.count, self.env = command, count, env

    def __enter__(self):
        self.processes = [
            subprocess.Popen(
                self.command, env=self.env, cwd=HERE, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for _ in range(self.count)]
        return self

    def pids(self):
        return [pid for process in self.processes for pid in tree(process.pid)]

    def __exit__(self, *_):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 10
        for process in self.processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass
            # What it has started and not ended.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


# MARK: measuring


def measure_peer(producer, worker, count, jobs, more, latency_jobs):
    """Drains jobs that were pushed before, between the tenth and the ninetieth percent of them; then one at a time."""
    row = {}
    with Redis() as redis:
        done = redis.folder + "/done"
        own = "redis+unix://" + redis.socket
        env = os.environ | {"BENCH_REDIS": "unix://" + redis.socket, "BENCH_DONE": done, "PYTHONDONTWRITEBYTECODE": "1"} | {
            "PENSTOCK_REDIS_URL": own, "PENSTOCK_STORE_URL": own} | more
        row |= run_json(producer + ["bulk", str(jobs)], env=env, cwd=HERE)

        def ended():
            return os.path.getsize(done) // 8

        def wait(least):
            deadline = time.monotonic() + 300
            while ended() < least:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{worker[0]} ended {ended()} of {jobs} jobs in 300 s")
                time.sleep(0.005)

        with Workers(worker, count, env) as workers:
            wait(jobs // 10)
            pids, first = workers.pids(), ended()
            before, redis_before = processor_seconds(pids), processor_seconds([redis.process.pid])
            wait(jobs * 9 // 10)
            last = ended()
            used, redis_used = processor_seconds(pids) - before, processor_seconds([redis.process.pid]) - redis_before
            row["megabytes"] = megabytes(pids)
            wait(jobs)
            with open(done, "rb") as file:
                times = sorted(time for (time,) in struct.iter_unpack("<q", file.read()))
        row["jobs_per_second"] = (last - first) / ((times[last - 1] - times[first]) / 1e9)
        row["worker_ms"], row["redis_ms"] = (seconds * 1000 / (last - first) for seconds in (used, redis_used))
        if latency_jobs:
            with Workers(worker, count, env):
                latencies = sorted(run_json(producer + ["one", str(latency_jobs)], env=env, cwd=HERE)["latencies_ms"])
            row["start_p50_ms"] = latencies[len(latencies) // 2]
            row["start_p99_ms"] = latencies[int(len(latencies) * 0.99)]
    return row


def measure_penstock(store, nodes, *more):
    run = run_json([PENSTOCK, "bench", "--json", "--rounds", "1", "--stores", store, "--nodes", str(nodes), *more])["runs"][0]
    row = {name: run[name] for name in ("jobs_per_second", "start_p50_ms", "start_p99_ms", "enqueued_per_second") if name in run}
    row["worker_ms"], row["redis_ms"] = run["worker_cpu_seconds_per_1000_jobs"], run["redis_cpu_seconds_per_1000_jobs"]
    row["megabytes"] = run["resident_bytes"] / 2**20
    return row


def is_installed(command):
    return shutil.which(command[0]) is not None


def queue_cases():
    ours = "Penstock, store in Redis"
    for store, name in [("redis", ours), ("memory", "Penstock, store in memory")]:
        yield name, ours, lambda store=store: measure_penstock(store, 1, "--jobs", "40000", "--latency", "200")
    for name, (producer, worker, count, jobs, more) in QUEUES.items():
        if is_installed(worker) and is_installed(producer):
            yield name, ours, lambda peer=(producer, worker, count, jobs, more): measure_peer(*peer, latency_jobs=200)


def flow_cases():
    servers = os.environ["PENSTOCK_TEST_SERVICES"]
    postgres = f"//penstock@/penstock?host={servers}/postgres"
    stores = {
        "memory": ("memory", "memory:"),
        "SQLite": (None, None),
        "PostgreSQL": ("postgres:" + postgres, "postgresql:" + postgres),
        "MariaDB": (f"mysql://root@/penstock?socket={servers}/mariadb/mariadb.sock",
                    f"mysql://root@localhost/penstock?unix_socket={servers}/mariadb/mariadb.sock"),
    }

    def penstock(store, *more):
        return lambda: measure_penstock(store, 5, "--state-bytes", "1000", "--latency", "0", "--jobs", "20000", *more)

    def engine(name, url):
        def measure():
            with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
                address = url or f"sqlite:///{folder}/peer.db"
                rate = run_json([str(BIN / "python"), "-B", str(HERE / f"flow_{name}.py"), address, "64", "4"])["flows_per_second"]
                return {"jobs_per_second": rate}
        return measure

    ours = "Redis: Penstock, whole job"
    yield ours, ours, penstock("redis")
    for name, (producer, worker, count, jobs, more) in WHOLE_JOBS.items():
        if is_installed(worker):
            yield f"Redis: {name}", ours, lambda peer=(producer, worker, count, jobs, more): measure_peer(*peer, latency_jobs=0)
    for store, (own, url) in stores.items():
        whole, ours = f"{store}: Penstock, whole job", f"{store}: Penstock, engine alone"
        yield whole, ours, penstock(own or "sqlite")
        yield ours, ours, penstock(own or "sqlite", "--engine")
        for title, name, kinds in [("llmfy", "llmfy", stores), ("LangGraph", "langgraph", ["memory", "SQLite", "PostgreSQL"])]:
            if store in kinds and is_installed(python("taskiq")):
                yield f"{store}: {title}, engine alone", ours, engine(name, url)


COLUMNS = [
    ("jobs/s", "jobs_per_second", "{:,.0f}"), ("worker ms/job", "worker_ms", "{:.3f}"), ("Redis ms/job", "redis_ms", "{:.3f}"),
    ("enqueued/s", "enqueued_per_second", "{:,.0f}"), ("start p50 ms", "start_p50_ms", "{:.2f}"), ("p99", "start_p99_ms", "{:.2f}"),
    ("MB", "megabytes", "{:.0f}"),
]


def main():
    cases = list({"queue": queue_cases, "flow": flow_cases}[sys.argv[1]]())
    rows = {name: [] for name, _, _ in cases}
    for _ in range(int(sys.argv[2])):
        for name, _, measure in cases:
            try:
                rows[name].append(measure())
            except (subprocess.CalledProcessError, TimeoutError) as error:
                # One that does not run is no reason to know nothing of the others.
                print(f"{name}: {error}", file=sys.stderr, flush=True)
            else:
                print(json.dumps({"what": name} | rows[name][-1]), file=sys.stderr, flush=True)
    width = max(map(len, rows))
    shown = [column for column in COLUMNS if any(column[1] in row for found in rows.values() for row in found)]
    print("\n" + " " * width + "".join(f"{title:>15}" for title, _, _ in shown) + f"{'of Penstock':>15}")
    rates = {name: statistics.median(row["jobs_per_second"] for row in found) for name, found in rows.items() if found}
    for name, ours, _ in cases:
        line = f"{name:{width}}"
        for _, key, form in shown:
            values = [row[key] for row in rows[name] if key in row]
            line += f"{form.format(statistics.median(values)) if values else '-':>15}"
        print(line + (f"{rates[name] / rates[ours]:15.2f}" if name in rates and ours in rates else f"{'-':>15}"))


if __name__ == "__main__":
    main()
