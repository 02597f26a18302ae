"""The programs of the soak's nodes, which act on a world outside: a ledger, a file with a line for each thing that was done.

    nodes.py run     a node that is started anew each time
    nodes.py serve   one that stays, and answers each line with a line

What happens is decided by the seed, the job, the node and the attempt, so that a plan can be played again. The line is written before the
node is over: whoever is killed in between has acted, and its successor acts again, with the same key.
"""

import hashlib
import json
import os
import sys
import time

SEED = os.environ.get("SOAK_SEED", "")
LEDGER = os.open(os.environ["SOAK_LEDGER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)


def chance(*of):
    """A number from 0 to 1 that the same seed and words give again."""
    text = "/".join(map(str, (SEED, *of)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def verdict(rule, job, node, attempt):
    """The exit status of an attempt: 0 if it succeeds."""
    if rule == "always":
        return 1
    if rule == "fatal":
        return 65
    if rule == "flaky" and attempt < 3 and chance(job, node, attempt) < 0.5:
        return 75 if chance(job, node, attempt, "which") < 0.5 else 1
    return 0


def enter(what, question):
    line = {name: question[name] for name in ("idempotency_key", "session_id", "job_id", "node", "attempt")}
    line |= {"what": what, "pid": os.getpid(), "time": time.time()}
    # In one write to the end of the file: whole, whoever else writes.
    os.write(LEDGER, json.dumps(line).encode() + b"\n")


def act(question):
    state, job, node, attempt = question["state"], question["job_id"], question["node"], question["attempt"]
    rule = state.get("rule", "fine")
    status = verdict(rule, job, node, attempt)
    enter("failed" if status else "done", question)
    time.sleep(float(state.get("seconds", 0)) if rule == "slow" else 0.12 * chance(job, node))
    if status:
        print(f"by the rule {rule}", file=sys.stderr)
        sys.exit(status)
    return {"keys": [question["idempotency_key"]]}


if sys.argv[1] == "run":
    environment = {name: os.environ["PENSTOCK_" + name.upper()] for name in ("session_id", "job_id", "node", "idempotency_key")}
    asked = environment | {"attempt": int(os.environ["PENSTOCK_ATTEMPT"]), "state": json.load(sys.stdin)}
    print(json.dumps(act(asked)))
else:
    for line in sys.stdin:
        print(json.dumps(act(json.loads(line))), flush=True)
