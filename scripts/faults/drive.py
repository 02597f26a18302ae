"""A soak from its start to its verdict: strikes as planned, jobs as made, and the check when all is over."""

import argparse
import collections
import contextlib
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import checker
import flows
import plan
import records
from jobs import Jobs
from servers import STORES, RedisServer, Unavailable, tail
from workers import Workers

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
JOBS_A_SECOND = 14
MOST_PENDING = 150
PATIENCE_SECONDS = 240
LEAVE_SECONDS = 45
# A program is sent KILL when its worker ends; it takes a moment.
PROGRAM_SECONDS = 5


def build():
    subprocess.run(["swift", "build", "-c", "release", "--product", "penstock"], cwd=ROOT, check=True, stdout=sys.stderr)
    shown = subprocess.run(
        ["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return str(pathlib.Path(shown.stdout.strip()) / "penstock")


class Proxy:
    """The bad network before a server. If its process is ended by somebody else, another one takes its place: that too is a network."""

    def __init__(self, listen, server_path):
        self.listen = listen
        self.server_path = server_path
        self.start()

    def start(self):
        self.listen.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-B", pathlib.Path(__file__).parent / "proxy.py", self.listen, self.server_path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.process.stdout.readline()

    def revive(self):
        if self.process.poll() is not None:
            print(f"the proxy before {self.server_path.name} ended with {self.process.returncode}", flush=True)
            self.start()

    def order(self, words):
        self.revive()
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()

    def stop(self):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.wait()


class Agenda:
    """What is to be done later, by time."""

    def __init__(self):
        self.entries = []

    def add(self, at, act):
        self.entries.append((at, act))

    def do_what_is_due(self, now):
        due = sorted((entry for entry in self.entries if entry[0] <= now), key=lambda entry: entry[0])
        self.entries = [entry for entry in self.entries if entry[0] > now]
        for _, act in due:
            act()


class Soak:
    def __init__(self, options, binary, folder, stack):
        self.options, self.binary, self.folder = options, binary, folder
        self.redis_server = RedisServer(folder)
        stack.callback(self.redis_server.stop)
        self.redis_server.start()
        # Impatient: it must not keep the strikes waiting.
        self.redis = self.redis_server.client(patience=0.5)
        self.away_until = 0.0
        self.store = None if options.store == "redis" else STORES[options.store](folder)
        if self.store:
            stack.callback(self.store.stop)
            self.store.start()
        self.proxy = Proxy(folder / "redis-proxy.sock", self.redis_server.socket)
        stack.callback(self.proxy.stop)
        self.store_proxy = None
        if self.store and self.store.socket:
            (folder / "far").mkdir()
            self.store_proxy = Proxy(folder / "far" / self.store.socket.name, self.store.socket)
            stack.callback(self.store_proxy.stop)
        # The first to be stopped, as the last that was begun.
        self.workers = Workers(
            binary, flows.write(folder / "flows"), folder, [self.environment(place) for place in range(plan.WORKERS)], options.slots
        )
        stack.callback(self.workers.kill_all)
        self.jobs = Jobs(options.seed, self.redis)
        self.strikes = plan.make(options.seed, options.seconds, options.store)
        self.agenda = Agenda()
        self.struck = collections.Counter()
        self.cancels = []
        self.began = 0.0

    def environment(self, place):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
        is_far = place in plan.BEHIND_PROXY
        redis_url = f"redis+unix://{self.proxy.listen}" if is_far else self.redis_server.url
        if not self.store:
            store_url = redis_url
        elif not (is_far and self.store_proxy):
            store_url = self.store.url
        elif self.options.store == "postgres":
            store_url = self.store.url_at(self.store_proxy.listen.parent)
        else:
            store_url = self.store.url_at(self.store_proxy.listen)
        return environment | {
            "PENSTOCK_REDIS_URL": redis_url, "PENSTOCK_STORE_URL": store_url, "PENSTOCK_LOG_FORMAT": "json",
            "SOAK_LEDGER": str(self.folder / "ledger"), "SOAK_SEED": str(self.options.seed),
        }

    def say(self, text):
        print(f"{time.monotonic() - self.began:6.1f} s  {text}", flush=True)

    # MARK: Striking

    def strike(self, strike):
        if self.options.verbose:
            print(f"        {strike}", flush=True)
        self.struck[strike.what] += 1
        getattr(self, "do_" + strike.what.replace(" ", "_"))(strike)

    def later(self, seconds, act):
        self.agenda.add(time.monotonic() + seconds, act)

    def do_kill(self, strike):
        self.workers.kill(strike.target)

    def do_stop(self, strike, with_programs=False):
        self.later(strike.seconds, self.workers.stop(strike.target, with_programs))

    def do_freeze(self, strike):
        self.do_stop(strike, with_programs=True)

    def do_drain(self, strike):
        self.workers.drain(strike.target)

    def kill_server(self, server, seconds):
        server.kill()
        self.later(seconds, server.revive)

    def do_redis_killed(self, strike):
        self.kill_server(self.redis_server, strike.seconds)

    def do_redis_stopped(self, strike):
        process = self.redis_server.process
        process.send_signal(signal.SIGSTOP)
        self.away_until = time.monotonic() + strike.seconds
        self.later(strike.seconds, lambda: process.send_signal(signal.SIGCONT))

    def tell_redis(self, *words):
        """Once it can be told: a server that is away is tried again."""
        try:
            self.redis.ask(*words)
        except OSError:
            self.later(0.2, lambda: self.tell_redis(*words))

    def do_clients_killed(self, strike):
        self.tell_redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    def do_clients_paused(self, strike):
        self.tell_redis("CLIENT", "PAUSE", int(strike.seconds * 1000), "ALL")
        self.away_until = time.monotonic() + strike.seconds

    def do_scripts_flushed(self, strike):
        self.tell_redis("SCRIPT", "FLUSH")

    def disturb(self, proxy, order, seconds):
        for worker in self.workers.ever:
            worker.is_struck = worker.is_struck or worker.place in plan.BEHIND_PROXY
        proxy.order(order)
        if seconds:
            self.later(seconds, lambda: proxy.order("heal"))

    def do_delay(self, strike):
        self.disturb(self.proxy, f"delay {strike.amount}", strike.seconds)

    def do_cut(self, strike):
        self.disturb(self.proxy, "cut", 0)

    def do_deafen(self, strike):
        self.disturb(self.proxy, "deafen", strike.seconds)

    def do_hold(self, strike):
        self.disturb(self.proxy, "hold", strike.seconds)

    def do_store_locked(self, strike):
        self.store.lock()
        self.later(strike.seconds, self.store.unlock)

    def do_store_killed(self, strike):
        self.kill_server(self.store, strike.seconds)

    def do_store_rows(self, strike):
        # While the server is away there is nothing to lock, and the worker is killed all the same.
        holder = self.store.lock_rows(strike.seconds)
        self.later(strike.seconds / 2, lambda: self.workers.kill(strike.target))
        self.later(strike.seconds + 1, holder.poll)

    def do_store_connections(self, strike):
        with contextlib.suppress(ConnectionError):  # It is away: they are cut already.
            self.store.cut_connections()

    def do_store_cut(self, strike):
        self.store_proxy.order("cut")

    def do_store_deafen(self, strike):
        self.store_proxy.order("deafen")
        self.later(strike.seconds, lambda: self.store_proxy.order("heal"))

    def do_store_hold(self, strike):
        self.store_proxy.order("hold")
        self.later(strike.seconds, lambda: self.store_proxy.order("heal"))

    # MARK: Working

    def tend(self):
        """What has to be looked after whatever happens: servers that did not come back, workers that fell, cancels that were not heard."""
        if not any(entry[1] == self.redis_server.revive for entry in self.agenda.entries):
            self.redis_server.revive()
        if self.store_proxy and not any(entry[1] == self.store.revive for entry in self.agenda.entries):
            self.store.revive()
        for proxy in filter(None, (self.proxy, self.store_proxy)):
            proxy.revive()
        self.workers.replace_fallen()
        for cancel in list(self.cancels):
            process, job = cancel
            if process.poll() is not None:
                self.cancels.remove(cancel)
                # 1 says that it has ended already, or is not known yet: then it has to be asked again, as when Redis is away.
                if process.returncode != 0 and job.id in self.jobs.pending:
                    self.later(0.5, lambda job=job: self.cancel(job))

    def cancel(self, job):
        job.cancel_asked = True
        environment = self.environment(0)
        self.cancels.append((
            subprocess.Popen([self.binary, "job", "cancel", job.id], env=environment, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL), job))

    def produce(self, now, next_push):
        """Pushes what is due by now. Returns when the next one is."""
        if now < self.away_until:
            return next_push
        while next_push <= now and len(self.jobs.pending) < MOST_PENDING:
            try:
                self.jobs.push_one(now)
            except OSError:
                return now + 0.2
            next_push = max(next_push + 1 / self.options.rate, now - 1)
        return next_push

    def look(self, now):
        if now < self.away_until:
            return
        try:
            for job in self.jobs.look(now):
                self.cancel(job)
        except OSError:
            pass  # Redis is away: next time.

    def run(self):
        self.began = now = time.monotonic()
        self.workers.start_all()
        for strike in self.strikes:
            self.agenda.add(self.began + strike.at, lambda strike=strike: self.strike(strike))
        end_of_jobs = self.began + plan.last_strike(self.options.seconds) + 4
        next_push, next_look, next_word = now, now, now + 30
        while now < end_of_jobs or self.agenda.entries:
            self.agenda.do_what_is_due(now)
            if now < end_of_jobs:
                next_push = self.produce(now, next_push)
            if now >= next_look:
                self.tend()
                self.look(now)
                next_look = now + 0.25
            if now >= next_word:
                self.say(f"{len(self.jobs.all)} jobs pushed, {len(self.jobs.pending)} under way, {sum(self.struck.values())} strikes")
                next_word = now + 30
            time.sleep(0.02)
            now = time.monotonic()
        self.proxy.order("heal")
        self.say(f"no more faults: {len(self.jobs.all)} jobs pushed, {len(self.jobs.pending)} under way")
        self.finish()

    def finish(self):
        """Waits until all has ended and the dead workers are given up, as long as the patience lasts."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            now = time.monotonic()
            self.agenda.do_what_is_due(now)
            self.tend()
            if self.jobs.unsure:
                with contextlib.suppress(OSError):
                    self.jobs.push_one(now)
            self.look(now)
            with contextlib.suppress(OSError):
                if self.is_at_rest():
                    break
            time.sleep(0.1)
        self.say("everything has ended" if not self.jobs.pending else f"{len(self.jobs.pending)} jobs have not ended")

    def is_at_rest(self):
        if self.jobs.pending or self.jobs.unsure or self.agenda.entries or self.cancels:
            return False
        waiting = self.redis.ask_all([("LLEN", "penstock:queue:default"), ("ZCARD", "penstock:scheduled"), ("SCARD", "penstock:parked")])
        return not any(waiting) and self.redis.ask("ZCARD", "penstock:workers") <= plan.WORKERS and not self.redis.keys("penstock:processing:*")

    def verdict(self):
        """All that is not as it should be, one sentence each."""
        faults = self.workers.leave(LEAVE_SECONDS)
        for worker in self.workers.unasked:
            faults.append(f"the worker of {worker.log.name} ended by itself with {worker.process.returncode}: {tail(worker.log, 3)}")
        faults += self.false_deaths()
        left = self.workers.programs_left(PROGRAM_SECONDS)
        if left:
            faults.append(f"{len(left)} programs outlived their workers: {left}")
        ledger = records.read_ledger(self.folder / "ledger")
        redis = self.redis_server.client()
        check = checker.Checker(self.jobs.all, self.jobs.garbage, records.read(self.store, redis), ledger, redis)
        faults += check.check()
        self.counts = check.counts
        return faults

    def false_deaths(self):
        """Workers that were given up for dead by others though nothing had befallen them alone."""
        of_id, dead = {}, collections.Counter()
        for worker in self.workers.ever:
            for event in worker.events():
                if event["event"] == "ready":
                    of_id[event["worker"]] = worker
                elif event["event"].startswith("a worker died"):
                    dead[event["dead"]] += 1
                elif event["event"].startswith(("fenced", "not settled", "the session was opened by another")):
                    self.struck["(too late)"] += 1
        self.struck["(given up for dead)"] = len(dead)
        return [
            f"worker {id} of {of_id[id].log.name} was given up for dead, and nothing had befallen it"
            for id in dead if id in of_id and not of_id[id].is_struck
        ]

    def report(self, faults):
        kinds = plan.kinds_for(self.options.store)
        print("\nstruck:")
        for what, (meaning, _) in kinds.items():
            print(f"  {self.struck[what]:5}  {meaning}")
        print(f"  {self.struck['(given up for dead)']:5}  workers were given up for dead by the others; {self.struck['(too late)']} times a worker "
              "was refused because another had its job or its session")
        counts = self.counts
        print(f"checked: {len(self.jobs.all)} jobs in {len({job.session for job in self.jobs.all})} sessions, {counts['checkpoints']} checkpoints")
        for what in ("done", "cancelled: asked", "cancelled: duplicate", "cancelled: busy", "dead: failed", "dead: crashed", "dead: refused",
                     "effects", "repeated effects", "effects never committed, of jobs that were ended", "failed tries"):
            print(f"  {counts[what]:5}  {what}")
        for fault in faults[:30]:
            print(f"WRONG: {fault}")
        verdict = f"{len(faults)} faults" if faults else "every line of the promise was kept"
        print(f"seed {self.options.seed}, {self.options.seconds:g} s, {self.options.store}: {verdict}")


def arguments(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, help="decides what is struck and when; drawn and printed if not given")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--store", choices=[*STORES, "redis"], default="sqlite")
    parser.add_argument("--slots", type=int, default=8)
    parser.add_argument("--rate", type=float, default=JOBS_A_SECOND, help="jobs a second, as long as few enough are under way")
    parser.add_argument("--plan", action="store_true", help="print what would be struck, and do nothing")
    parser.add_argument("--verbose", action="store_true", help="say each strike")
    parser.add_argument("--keep", action="store_true", help="keep the scratch folder")
    options = parser.parse_args()
    if options.seconds < 40:
        parser.error("a soak needs at least 40 seconds")
    if options.seed is None:
        options.seed = random.randrange(10**6)
    return options


def main(description):
    options = arguments(description)
    print(f"seed {options.seed}, {options.seconds:g} s, store {options.store}", flush=True)
    if options.plan:
        for strike in plan.make(options.seed, options.seconds, options.store):
            print(strike)
        return 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    binary = os.path.abspath(os.environ.get("PENSTOCK") or build())
    parent = os.environ.get("TMPDIR", "/tmp")
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="penstock-soak.", dir=parent if len(parent) <= 50 else "/tmp"))
        folder.chmod(0o711)
        keeps = [True]
        stack.callback(lambda: keeps[0] or subprocess.run(["rm", "-rf", folder]))
        try:
            soak = Soak(options, binary, folder, stack)
            soak.run()
            faults = soak.verdict()
            soak.report(faults)
        except Unavailable as error:
            print(error, file=sys.stderr)
            return 3
        except (KeyboardInterrupt, SystemExit):
            keeps[0] = options.keep
            raise
        except BaseException:
            print(f"kept: {folder}", file=sys.stderr)
            raise
        keeps[0] = options.keep or bool(faults)
        if keeps[0]:
            print(f"kept: {folder}")
        return 1 if faults else 0
