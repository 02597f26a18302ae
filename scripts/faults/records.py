"""What a store holds after a soak, read from its tables or keys themselves, not through Penstock."""

import dataclasses
import json

CHECKPOINT = ["checkpoint_id", "session_id", "timestamp", "node_name", "step", "state", "next", "epoch", "job_id", "run", "run_step"]
SESSION = ["id", "epoch", "head", "status"]
JOB = ["id", "session_id", "status", "result_checkpoint_id", "attempts"]
STORE_PREFIX = "penstock:checkpoint:"


@dataclasses.dataclass
class Checkpoint:
    id: str
    session: str
    timestamp: str
    node: str
    step: int
    state: dict
    next: list
    epoch: int
    job: str
    run: str
    run_step: int

    @classmethod
    def of(cls, id, session, timestamp, node, step, state, next, epoch, job, run, run_step):
        return cls(id, session, str(timestamp), node, int(step), json.loads(state), json.loads(next), int(epoch), job, run, int(run_step))


@dataclasses.dataclass
class Records:
    # By session, in order of their steps.
    histories: dict
    # By session: epoch, head, status.
    sessions: dict
    # By job: session, status, the result's checkpoint, attempts.
    jobs: dict


def read(store, redis):
    """All of a store's records."""
    checkpoints, sessions, jobs = from_redis(redis) if store is None else from_sql(store)
    histories = {}
    for checkpoint in sorted(checkpoints, key=lambda checkpoint: (checkpoint.session, checkpoint.step)):
        histories.setdefault(checkpoint.session, []).append(checkpoint)
    return Records(histories, sessions, jobs)


def from_sql(store):
    checkpoints = [Checkpoint.of(*row) for row in store.rows("checkpoint", CHECKPOINT, "session_id, step")]
    sessions = {id: (int(epoch), int(head), status) for id, epoch, head, status in store.rows("session", SESSION, "id")}
    jobs = {
        id: (session, status, result, int(attempts)) for id, session, status, result, attempts in store.rows("job", JOB, "id")
    }
    return checkpoints, sessions, jobs


def values(redis, pattern):
    keys = redis.keys(pattern)
    found = []
    for start in range(0, len(keys), 500):
        found += redis.ask("MGET", *keys[start : start + 500])
    return [json.loads(value) for value in found if value]


def from_redis(redis):
    checkpoints = []
    for row in values(redis, STORE_PREFIX + "checkpoint:*"):
        row["next"] = json.dumps(row["next"])
        checkpoints.append(Checkpoint.of(*[row[column] for column in CHECKPOINT]))
    listed = set()
    for key in redis.keys(STORE_PREFIX + "session:*"):
        listed |= set(redis.ask("ZRANGE", key, 0, -1))
    # Those that no session lists are not there, for anybody who reads.
    checkpoints = [checkpoint for checkpoint in checkpoints if checkpoint.id in listed]
    sessions = {}
    for key in redis.keys(STORE_PREFIX + "head:*"):
        head = redis.hash(key)
        epoch, step = head["fence"].split()[:2]
        standing = head.get("standing", "- -").split()
        sessions[key.removeprefix(STORE_PREFIX + "head:")] = int(epoch), int(step), standing[1]
    jobs = {
        row["job_id"]: (row["session_id"], row["status"], row.get("result_checkpoint_id"), row["attempts"])
        for row in values(redis, STORE_PREFIX + "result:*")
    }
    return checkpoints, sessions, jobs


def read_ledger(path):
    """The lines of the world outside, in the order in which they were written."""
    try:
        with open(path) as file:
            return [json.loads(line) for line in file]
    except FileNotFoundError:
        return []
