"""The workers of a soak: as many as wanted, each with its place, and those that were told to leave."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import time

from servers import children_of


class Worker:
    """One process, from its start to its end."""

    def __init__(self, command, environment, log):
        self.log = log
        self.is_struck = False
        self.is_leaving = False
        # Of the time that it could not be seen to live, by others who look: struck in that way.
        with open(log, "wb") as file:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *map(str, command)], env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )

    def signal(self, number):
        # Popen looks whether it has ended before it sends anything.
        self.process.send_signal(number)

    @property
    def is_running(self):
        return self.process.poll() is None

    def events(self):
        with contextlib.suppress(OSError):
            for line in self.log.read_text(errors="replace").splitlines():
                with contextlib.suppress(ValueError):
                    yield json.loads(line)


class Workers:
    def __init__(self, binary, flows, folder, environments, slots):
        self.command = [binary, "work", "--flows", flows, "--slots", slots]
        self.folder = pathlib.Path(folder)
        self.flows = pathlib.Path(flows)
        self.environments = environments
        self.places = [None] * len(environments)
        self.ever = []
        self.unasked = []

    def start(self, place):
        log = self.folder / f"worker-{place}.{sum(1 for worker in self.ever if worker.place == place)}.log"
        worker = Worker(self.command, self.environments[place], log)
        worker.place = place
        self.places[place] = worker
        self.ever.append(worker)

    def start_all(self):
        for place in range(len(self.places)):
            self.start(place)

    def kill(self, place):
        worker = self.places[place]
        worker.is_struck = True
        worker.signal(signal.SIGKILL)
        worker.process.wait()
        self.start(place)

    def stop(self, place, with_programs):
        """Stops a worker. Returns what continues it."""
        worker = self.places[place]
        worker.is_struck = True
        worker.signal(signal.SIGSTOP)
        programs = children_of(worker.process.pid) if with_programs else []
        for pid in programs:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

        def go_on():
            # If the worker was killed meanwhile, its programs went with it.
            if worker.is_running:
                worker.signal(signal.SIGCONT)
                for pid in set(programs) & set(children_of(worker.process.pid)):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGCONT)

        return go_on

    def drain(self, place):
        worker = self.places[place]
        worker.is_leaving = True
        worker.signal(signal.SIGTERM)
        self.start(place)

    def replace_fallen(self):
        """Notes the workers that have ended though nobody struck them, and puts others in their place."""
        for place, worker in enumerate(self.places):
            if not worker.is_running:
                self.unasked.append(worker)
                self.start(place)

    def leave(self, patience):
        """Tells all to leave. Returns a sentence for each that did not do so in time, or well."""
        for worker in self.places:
            worker.is_leaving = True
            worker.signal(signal.SIGTERM)
        faults = []
        for worker in self.ever:
            try:
                status = worker.process.wait(patience)
            except subprocess.TimeoutExpired:
                faults.append(f"the worker of {worker.log.name} did not leave within {patience} s of being told")
                worker.process.kill()
                worker.process.wait()
                continue
            # It may be killed while it leaves, and told so before it is there.
            was_there = any(event["event"] == "ready" for event in worker.events())
            if worker.is_leaving and status not in (0, -signal.SIGKILL) and (was_there or status != -signal.SIGTERM):
                faults.append(f"the worker of {worker.log.name} was told to leave and ended with {status}")
        return faults

    def kill_all(self):
        for worker in self.ever:
            if worker.is_running:
                worker.process.kill()
                worker.process.wait()

    def programs_left(self, patience):
        """The nodes' programs that still run after so many seconds."""
        deadline = time.monotonic() + patience
        while (found := self.programs()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def programs(self):
        found = []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError):
                    if os.readlink(f"/proc/{entry}/cwd") == str(self.flows):
                        found.append(int(entry))
        return found
