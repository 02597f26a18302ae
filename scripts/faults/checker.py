"""Proves the promise, line by line, from the ledger outside, from Redis and from the store, after all faults have ended."""

import collections
import itertools
import re

import flows
from jobs import ENDS

PREFIX = "penstock:"
MAX_CRASHES = 3


class Checker:
    """Gathers what is not as it should be, a sentence each."""

    def __init__(self, jobs, garbage, records, ledger, redis):
        self.jobs = {job.id: job for job in jobs}
        self.garbage = garbage
        self.records = records
        self.ledger = ledger
        self.redis = redis
        # Jobs that have ended for good though Redis does not say so.
        self.given_up = set()
        self.faults = []
        self.counts = collections.Counter()
        ids = list(self.jobs)
        self.job_records = dict(zip(ids, map(_pairs, redis.ask_all([("HGETALL", f"{PREFIX}job:{id}") for id in ids]))))
        self.lives = dict(zip(ids, redis.ask_all([("TTL", f"{PREFIX}job:{id}") for id in ids])))
        names = redis.ask("ZRANGE", f"{PREFIX}dead", 0, -1)
        self.dead = [_pairs(record) for record in redis.ask_all([("HGETALL", f"{PREFIX}dead:{name}") for name in names])]
        self.dead_by_id = {record.get("id"): record for record in self.dead}
        self.checkpoints_of = collections.defaultdict(list)
        for history in records.histories.values():
            for checkpoint in history:
                self.checkpoints_of[checkpoint.job].append(checkpoint)
        self.acts_of = collections.defaultdict(list)
        for act in ledger:
            self.acts_of[act["job_id"]].append(act)

    def fault(self, sentence):
        self.faults.append(sentence)

    def check(self):
        for job in self.jobs.values():
            self.check_end(job)
        self.check_garbage()
        for session in sorted(self.records.histories.keys() | self.records.sessions.keys()):
            self.check_history(session, self.records.histories.get(session, []))
        self.check_effects()
        self.check_unique()
        self.check_nothing_left()
        return self.faults

    # 1. No job is lost: done, cancelled or dead, with its bytes and a reason.

    def check_end(self, job):
        record = self.job_records[job.id]
        status = record.get("status")
        self.counts[status] += 1
        if status not in ENDS:
            return self.fault(f"job {job.id} of session {job.session} has not ended: it is {status or 'not known'} ({record})")
        if job.status in ENDS and job.status != status:
            self.fault(f"job {job.id} had ended as {job.status}, and is {status} now")
        if self.lives[job.id] <= 0:
            self.fault(f"job {job.id} is {status}, and its record would be kept for ever")
        stored = self.records.jobs.get(job.id)
        committed = self.checkpoints_of[job.id]
        failures = {act["attempt"] for act in self.acts_of[job.id] if act["what"] == "failed"}
        attempts = int(record.get("attempts", 0))
        # A crash is no attempt, and neither is a drain or a lock that was lost.
        if attempts > len(failures):
            self.fault(f"job {job.id} has {attempts} failed attempts, and its programs failed in {sorted(failures)}")
        if (status == "done") != (stored is not None and stored[1] == "done"):
            self.fault(f"job {job.id} is {status} in Redis and {stored and stored[1]} in the store")
        getattr(self, f"check_{status}")(job, record, stored, committed, attempts)

    def check_done(self, job, record, stored, committed, attempts):
        if not committed:
            return self.fault(f"job {job.id} is done and has no checkpoint")
        last = committed[-1]
        if last.next != [flows.END]:
            self.fault(f"job {job.id} is done, and its last checkpoint goes on to {last.next}")
        if stored and stored[2] != last.id:
            self.fault(f"the result of job {job.id} is checkpoint {stored[2]}, and its last is {last.id}")

    def check_dead(self, job, record, stored, committed, attempts):
        buried = self.dead_by_id.get(job.id)
        if not buried:
            return self.fault(f"job {job.id} is dead, and not among the dead")
        reason = buried.get("reason")
        self.counts[f"dead: {reason}"] += 1
        if buried.get("message") != job.text:
            self.fault(f"job {job.id} is dead with other bytes: {buried.get('message')}")
        if reason == "crashed":
            if int(record.get("crashes", 0)) < MAX_CRASHES:
                self.fault(f"job {job.id} was buried as crashed after {record.get('crashes')} crashes")
        elif reason != "failed" or not buried.get("error"):
            self.fault(f"job {job.id} is dead for {reason}: {buried.get('error')}")
        elif job.rule == "always":
            if attempts != job.message["max_attempts"]:
                self.fault(f"job {job.id} is dead after {attempts} attempts, not {job.message['max_attempts']}")
        elif job.rule != "fatal":
            self.fault(f"job {job.id} with the rule {job.rule} is dead: {buried.get('error')}")
        if stored and stored[1] not in ("dead", "running"):
            self.fault(f"job {job.id} is dead in Redis and {stored[1]} in the store")

    def check_cancelled(self, job, record, stored, committed, attempts):
        error = record.get("error", "")
        duplicate = re.fullmatch(r'job (\S+), which has not ended, has the unique key "(\S+)"', error)
        busy = re.fullmatch(r"session (\S+) is busy with job (\S+)", error)
        if duplicate:
            self.counts["cancelled: duplicate"] += 1
            holder = self.jobs.get(duplicate[1])
            if not (job.unique and holder and holder.unique == job.unique == duplicate[2] and holder is not job):
                self.fault(f"job {job.id} was cancelled as a duplicate it is not: {error}")
        elif busy:
            self.counts["cancelled: busy"] += 1
            if not (job.rejects and busy[1] == job.session and busy[2] != job.id):
                self.fault(f"job {job.id} was cancelled as busy, which it did not ask for: {error}")
        elif job.cancel_asked:
            self.counts["cancelled: asked"] += 1
        else:
            self.fault(f"job {job.id} was cancelled, and nobody asked for it: {error or 'no reason'}")
        if (duplicate or busy) and committed:
            self.fault(f"job {job.id} was refused, and has checkpoints")

    def check_garbage(self):
        # The one that came without an id was given one at the claim, and is the same but for that.
        messages = collections.Counter(
            re.sub(r'^\{"id":"[0-9a-f-]{36}",', "{", record.get("message", "")) for record in self.dead if record.get("reason") == "refused")
        for garbage in self.garbage:
            if messages[garbage.text] != 1 and (garbage.is_acknowledged or messages[garbage.text]):
                self.fault(f"the message {garbage.text!r} is {messages[garbage.text]} times among the dead, not once, with its bytes")
        self.counts["dead: refused"] = sum(messages.values())
        others = [record for record in self.dead if record.get("reason") != "refused" and record.get("id") not in self.jobs]
        for record in others:
            self.fault(f"somebody is dead whom nobody knows: {record}")

    # 2, 3, 4. A history: steps without a gap or fork, epochs that do not fall, each node of a run once, jobs in their order.

    def check_history(self, session, history):
        where = f"session {session}"
        self.counts["checkpoints"] += len(history)
        standing = self.records.sessions.get(session)
        steps = [checkpoint.step for checkpoint in history]
        if steps != list(range(1, len(steps) + 1)):
            self.fault(f"{where} has the steps {_brief(steps)}: a gap or a fork")
        if not standing:
            return self.fault(f"{where} has checkpoints and no row of its own")
        epoch, head, status = standing
        if head != len(history):
            self.fault(f"{where} has its head at {head} and {len(history)} checkpoints")
        job_of_epoch = {}
        for before, after in itertools.pairwise(history):
            if after.epoch < before.epoch:
                self.fault(f"{where}: the epoch falls from {before.epoch} to {after.epoch} at step {after.step}")
            if after.timestamp <= before.timestamp:
                self.fault(f"{where}: the time does not grow at step {after.step}")
        for checkpoint in history:
            if checkpoint.epoch > epoch:
                self.fault(f"{where}: step {checkpoint.step} has epoch {checkpoint.epoch}, and the session {epoch}")
            if job_of_epoch.setdefault(checkpoint.epoch, checkpoint.job) != checkpoint.job:
                self.fault(f"{where}: two jobs wrote in the epoch {checkpoint.epoch}")
        self.check_runs(where, session, history)
        self.check_order(where, session, history)
        if history:
            self.check_state(where, history)

    def check_runs(self, where, session, history):
        flow = flows.of_session(session)
        entered = set()
        for before, checkpoint in itertools.pairwise([None, *history]):
            place = f"{where}, step {checkpoint.step}"
            if before is None or before.next == [flows.END]:
                expected, run, run_step = flows.first_node(flow), checkpoint.job, 1
                if checkpoint.run in entered:
                    self.fault(f"{place}: the run {checkpoint.run} begins a second time")
                entered.add(checkpoint.run)
            else:
                expected, run, run_step = before.next[0], before.run, before.run_step + 1
            if (checkpoint.node, checkpoint.run, checkpoint.run_step) != (expected, run, run_step):
                self.fault(f"{place}: {checkpoint.node} as {checkpoint.run}:{checkpoint.run_step}, not {expected} as {run}:{run_step}")
            if checkpoint.next != [flows.next_node(flow, checkpoint.node, checkpoint.state)]:
                self.fault(f"{place}: after {checkpoint.node} comes {checkpoint.next}")

    def check_order(self, where, session, history):
        turns = [id for id, _ in itertools.groupby(checkpoint.job for checkpoint in history)]
        unknown = [id for id in turns if id not in self.jobs]
        if unknown:
            return self.fault(f"{where} has checkpoints of jobs that nobody pushed: {unknown}")
        numbers = [self.jobs[id].number for id in turns]
        if numbers != sorted(set(numbers)):
            self.fault(f"{where} ran its jobs in another order than they were enqueued in: {_brief(turns)}")
        for id in turns:
            if self.jobs[id].session != session:
                self.fault(f"{where} has checkpoints of job {id}, which asked for {self.jobs[id].session}")

    def check_state(self, where, history):
        flow = flows.of_session(history[-1].session)
        state = history[-1].state
        numbers = [self.jobs[id].number for id, _ in itertools.groupby(item.job for item in history) if id in self.jobs]
        if state.get("log") != numbers:
            self.fault(f"{where}: the log in its state is {_brief(state.get('log'))}, and its jobs {_brief(numbers)}")
        keys = [f"{item.run}:{item.run_step}" for item in history if (flow, item.node) in flows.EFFECTS]
        if state.get("keys", []) != keys:
            self.fault(f"{where}: its nodes' keys are {_brief(state.get('keys'))}, and those of its history {_brief(keys)}")

    # 5. The world outside: a committed node acted at least once, always by the same key; who acted and was not committed was interrupted.

    def check_effects(self):
        acts = collections.defaultdict(list)
        for act in self.ledger:
            acts[act["idempotency_key"]].append(act)
        frontier = {}
        committed = {}
        for session, history in self.records.histories.items():
            flow = flows.of_session(session)
            for checkpoint in history:
                if (flow, checkpoint.node) in flows.EFFECTS:
                    committed[f"{checkpoint.run}:{checkpoint.run_step}"] = checkpoint
            if history[-1].next != [flows.END]:
                frontier[session] = history[-1].run, history[-1].run_step
        for key, checkpoint in committed.items():
            done = [act for act in acts[key] if act["what"] == "done"]
            if not any(act["job_id"] == checkpoint.job for act in done):
                self.fault(f"node {checkpoint.node} of session {checkpoint.session} is committed at step {checkpoint.step} by job "
                           f"{checkpoint.job}, and did nothing under its key {key}")
            for act in acts[key]:
                if (act["session_id"], act["node"]) != (checkpoint.session, checkpoint.node):
                    self.fault(f"the key {key} of {checkpoint.node} in {checkpoint.session} is that of {act['node']} in {act['session_id']} too")
            self.counts["repeated effects"] += max(0, len(done) - 1)
        self.counts["effects"] = sum(act["what"] == "done" for act in self.ledger)
        self.counts["failed tries"] = sum(act["what"] == "failed" for act in self.ledger)
        for key in acts.keys() - committed.keys():
            act = acts[key][-1]
            job = self.jobs.get(act["job_id"])
            if not job or job.session != act["session_id"]:
                self.fault(f"somebody whom nobody pushed acted: {act}")
            elif self.is_explained(key, job, frontier.get(job.session)):
                self.counts["effects never committed, of jobs that were ended"] += 1
            else:
                self.fault(f"the key {key} belongs to no committed node and to none that was given up: {act}")

    def is_explained(self, key, job, frontier):
        """Whether who acted by this key was at the end of a history that nobody went on with, or before the first checkpoint of a job
        that was ended there."""
        run, number = key.rsplit(":", 1)
        ahead = int(number)
        if frontier and frontier[0] == run:
            ahead -= frontier[1]
        elif run != job.id or self.checkpoints_of[job.id] or not self.was_given_up(job):
            return False
        return 1 <= ahead <= flows.AHEAD[flows.of_session(job.session)]

    def was_given_up(self, job):
        return job.id in self.given_up or self.job_records[job.id].get("status") in ("cancelled", "dead")

    def check_unique(self):
        """While a job has a unique key no other with it runs: what two of them wrote does not overlap."""
        spans = collections.defaultdict(list)
        for job in self.jobs.values():
            if job.unique and self.checkpoints_of[job.id]:
                written = [checkpoint.timestamp for checkpoint in self.checkpoints_of[job.id]]
                spans[job.unique].append((min(written), max(written), job.id))
        for key, some in spans.items():
            for first, second in itertools.pairwise(sorted(some)):
                if second[0] < first[1]:
                    self.fault(f"jobs {first[2]} and {second[2]} with the unique key {key} ran at the same time")

    # Nothing is left behind.

    def check_nothing_left(self):
        for kind in ("queue", "processing", "parked", "turn", "lock", "unique", "worker", "answers", "claimed", "held", "admitted"):
            left = self.redis.keys(f"{PREFIX}{kind}:*")
            if left:
                self.fault(f"{len(left)} keys are left of {kind}:, {', '.join(sorted(left)[:4])} among them")
        for kind in ("workers", "scheduled", "parked", "held", "noted"):
            if self.redis.ask("EXISTS", PREFIX + kind):
                self.fault(f"the key {kind} is left")


def _pairs(words):
    return dict(zip(words[::2], words[1::2]))


def _brief(items):
    text = str(items)
    return text if len(text) < 400 else f"{text[:200]} … {text[-190:]}"
