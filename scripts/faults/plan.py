"""What is struck and when: a plan that a seed decides, the same for the same seed, length and store."""

import dataclasses
import random

WORKERS = 4
# These reach the servers through a bad network: the last two.
BEHIND_PROXY = (2, 3)


@dataclasses.dataclass(frozen=True)
class Strike:
    at: float
    what: str
    target: int
    # How long it lasts, or what is down stays down.
    seconds: float
    # For a delay: how long each piece waits.
    amount: float = 0.0

    def __str__(self):
        lasting = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.at:6.1f} s  {self.what}{f' of worker {self.target}' if self.what in OF_WORKERS else ''}{lasting}"


OF_WORKERS = {"kill", "stop", "freeze", "drain"}

# What each kind means, and how long it lasts: (least, most) seconds. Where there are two ranges, the second comes once in three: most
# disturbances are short, and some outlast a lock; of the zombies most do.
KINDS = {
    "kill": ("a worker killed with -9 and replaced", [(0, 0)]),
    "stop": ("a worker stopped, its programs going on, and continued", [(11, 15), (0.5, 4)]),
    "freeze": ("a worker stopped with its programs, and continued", [(11, 15), (0.5, 4)]),
    "drain": ("a worker told to leave and replaced", [(0, 0)]),
    "redis killed": ("Redis killed with -9 and started again", [(0, 2.5)]),
    "redis stopped": ("Redis stopped and continued", [(0.5, 4), (10.5, 13)]),
    "clients killed": ("all connections to Redis closed by it", [(0, 0)]),
    "clients paused": ("Redis answering nobody", [(0.5, 4), (10.5, 13)]),
    "scripts flushed": ("Redis forgetting all scripts", [(0, 0)]),
    "delay": ("a slow network", [(3, 8)]),
    "cut": ("connections cut in the middle of an answer", [(0, 0)]),
    "deafen": ("answers swallowed, of what took effect", [(1, 5), (11, 14)]),
    "hold": ("a black hole that lets all through late", [(1, 5), (11, 14)]),
}
STORE_KINDS = {
    "sqlite": {"store locked": ("the store's file locked by another process", [(0.5, 5)])},
    "redis": {},
    "postgres": {
        "store killed": ("the database killed with -9 and started again", [(0, 2.5)]),
        "store rows": ("a worker killed while its saves wait for rows that another has locked", [(2, 3)]),
        "store connections": ("all connections to the database ended by it", [(0, 0)]),
        "store cut": ("connections to the database cut in the middle of an answer", [(0, 0)]),
        "store deafen": ("answers of the database swallowed", [(1, 5), (11, 14)]),
        "store hold": ("a black hole before the database", [(1, 5), (11, 14)]),
    },
}
STORE_KINDS["mariadb"] = STORE_KINDS["mysql"] = STORE_KINDS["postgres"]

# No two of a group at once: the second would end the first.
GROUPS = {
    "redis stopped": "redis", "redis killed": "redis", "clients paused": "redis", "store killed": "store", "store locked": "store",
    "store rows": "store",
    "delay": "proxy", "cut": "proxy", "deafen": "proxy", "hold": "proxy",
    "store cut": "store proxy", "store deafen": "store proxy", "store hold": "store proxy",
}
DEADLIEST = ["kill", "stop", "redis killed"]
BEFORE_FIRST = 3.0
PACE_SECONDS = 2.6
QUIET_EVERY, QUIET_SECONDS = 60.0, 12.0
SHORT_SECONDS, SHORT_QUIET_SECONDS = 150, 4.0


def kinds_for(store):
    return KINDS | STORE_KINDS[store]


def last_strike(seconds):
    """When faults begin to end; jobs come a little longer, and what was begun is finished."""
    return seconds - max(14.0, min(40.0, seconds * 0.3))


def make(seed, seconds, store):
    """The strikes, in order of time: each kind once in a random order, then whatever comes, with quiet times in between."""
    chance = random.Random(f"{seed} {seconds} {store} plan")
    kinds = kinds_for(store)
    end = last_strike(seconds)
    is_short = seconds < SHORT_SECONDS
    pace = (end - BEFORE_FIRST - SHORT_QUIET_SECONDS) / (len(kinds) + 3) if is_short else PACE_SECONDS
    quiet_at = (BEFORE_FIRST + end) / 2 if is_short else QUIET_EVERY - QUIET_SECONDS
    # In a short soak one of those that keep everybody waiting may last longer than a lock.
    longest = chance.choice(["redis stopped", "clients paused", "deafen", "hold"]) if is_short else None
    first = sorted(kinds)
    chance.shuffle(first)
    busy = {}
    strikes, at = [], BEFORE_FIRST
    while at < end or first:
        if at > quiet_at:
            at += SHORT_QUIET_SECONDS if is_short else QUIET_SECONDS
            quiet_at += QUIET_EVERY
            continue
        target = chance.randrange(WORKERS)

        def group_of(what):
            return target if what in OF_WORKERS else GROUPS.get(what, what)

        free = [what for what in first or [*kinds, *DEADLIEST] if busy.get(group_of(what), 0) <= at]
        if not free:
            at += 0.5
            continue
        what = chance.choice(free)
        if what in first:
            first.remove(what)
        ranges = kinds[what][1]
        is_rare = what == longest if is_short and what not in OF_WORKERS else chance.random() < 1 / 3
        least, most = ranges[-1] if is_rare else ranges[0]
        lasting = round(chance.uniform(least, most), 1)
        amount = round(chance.uniform(0.05, 0.5), 2) if what == "delay" else 0.0
        strikes.append(Strike(round(at, 1), what, target, lasting, amount))
        busy[group_of(what)] = at + lasting + 0.5
        at += pace * chance.uniform(0.5, 1.5)
    return strikes
