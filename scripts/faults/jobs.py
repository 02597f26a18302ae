"""The jobs that a soak pushes, what becomes of each, and what was asked for it."""

import json
import random

from flows import SLOW_SECONDS

ENDS = ("done", "cancelled", "dead")


class Job:
    def __init__(self, number, message, session, id):
        self.number, self.session, self.id = number, session, id
        self.message = message
        self.text = json.dumps(message)
        self.unique = message.get("unique_key")
        self.rejects = message.get("on_busy") == "reject"
        self.rule = message["input"]["rule"]
        self.cancel_asked = False
        self.copies = 0
        self.status = None

    @property
    def raw(self):
        return self.text.encode()


class Garbage:
    """A message that is to be buried with its exact bytes."""

    def __init__(self, text):
        self.text = text
        self.is_acknowledged = False


class Jobs:
    """Makes jobs one after the other as the seed says, and pushes them in that order, each accepted once at least.

    A push whose answer was lost is looked for before it is made again, so the order in which jobs of a session were enqueued is that of
    their numbers.
    """

    PREFIX = "penstock:"
    QUEUE = PREFIX + "queue:default"

    def __init__(self, seed, redis):
        self.chance = random.Random(f"{seed} jobs")
        self.redis = redis
        self.all = []
        self.garbage = []
        self.pending = {}
        self.unsure = None
        self.epoch_of_hot = 0
        self.hot_jobs = 0
        self.cancels_due = []
        self.wishes = {}

    def make(self):
        """The next job."""
        chance, number = self.chance, len(self.all)
        # One in four belongs to a session that gets many, one after the other, so that most of them park.
        if chance.random() < 0.25:
            self.hot_jobs += 1
            if self.hot_jobs % 40 == 0:
                self.epoch_of_hot += 1
            name = f"hot{self.epoch_of_hot}-{chance.randrange(2)}"
        else:
            name = f"s{number // 120}-{chance.randrange(24)}"
        flow = chance.choice(["heavy", "light", "light", "eager"])
        session = f"{name}-{flow}"
        rule = chance.choices(["fine", "flaky", "slow", "always", "fatal"], [70, 14, 11, 3, 2])[0]
        message = {
            "flow": flow, "id": f"j{number}", "session_id": session,
            "input": {"log": [number], "rule": rule, "seconds": SLOW_SECONDS if rule == "slow" else 0,
                      "way": chance.choice(["short", "long", "other"])},
        }
        if rule == "always":
            message["max_attempts"] = chance.randint(1, 3)
        draw = chance.random()
        if draw < 0.06:
            message["unique_key"] = f"only-{chance.randrange(3)}"
        elif draw < 0.08:
            message["on_busy"] = "reject"
        job = Job(number, message, session, message["id"])
        # Cancelled when it runs, or some time after it was pushed.
        wish = chance.random()
        if wish < 0.05 or rule == "slow" and wish < 0.3:
            self.wishes[job.id] = "running" if wish < 0.15 else chance.uniform(0, 3)
        # A second copy of the same message: to be completed with the first one's result.
        job.copies = 2 if rule in ("fine", "flaky", "slow") and job.id not in self.wishes and chance.random() < 0.04 else 1
        return job

    def push_one(self, now):
        """Pushes the next job, or makes sure of the one whose push was not answered; raises OSError where Redis is away."""
        job = self.unsure or self.make()
        if not self.unsure:
            self.all.append(job)
        elif self.was_accepted(job):
            self.unsure = None
            return self.accepted(job, now)
        self.unsure = job
        self.redis.ask("LPUSH", self.QUEUE, *[job.raw] * job.copies)
        self.unsure = None
        self.accepted(job, now)

    def was_accepted(self, job):
        """Whether a job waits in its queue or is known: one step, so that it cannot slip from one to the other."""
        asked = [("MULTI",), ("LPOS", self.QUEUE, job.raw), ("EXISTS", f"{self.PREFIX}job:{job.id}"), ("EXEC",)]
        *_, answer = self.redis.ask_all(asked)
        if isinstance(answer, RuntimeError):
            raise ConnectionError(str(answer))
        place, known = answer
        return place is not None or known

    def accepted(self, job, now):
        self.pending[job.id] = job
        wish = self.wishes.get(job.id)
        if isinstance(wish, float):
            self.cancels_due.append((now + wish, job))
        if job.number % 97 == 50:
            texts = ["no JSON %d", '{"flow":"light","id":"g%d","session":"x"}', '{"flow":"light","input":[%d]}']
            garbage = Garbage(texts[job.number // 97 % 3] % job.number)
            self.garbage.append(garbage)
            self.redis.ask("LPUSH", self.QUEUE, garbage.text)
            garbage.is_acknowledged = True

    def look(self, now):
        """Notes which jobs have ended. Returns those that are to be cancelled now."""
        waiting = list(self.pending.values())
        statuses = self.redis.ask_all([("HGET", f"{self.PREFIX}job:{job.id}", "status") for job in waiting])
        for job, status in zip(waiting, statuses):
            if isinstance(status, RuntimeError):
                raise ConnectionError(str(status))
            job.status = status
            if status in ENDS:
                del self.pending[job.id]
            elif status == "running" and self.wishes.get(job.id) == "running":
                self.cancels_due.append((now, job))
                self.wishes.pop(job.id)
        due = [job for at, job in self.cancels_due if at <= now and job.id in self.pending]
        self.cancels_due = [(at, job) for at, job in self.cancels_due if at > now]
        return due
