"""The two who take turns in a session: llmfy in this process, Penstock through its command line."""

import datetime
import json
import math
import os
import subprocess
import time
from typing import Annotated, NamedTuple, TypedDict

import letter
from llmfy import END, START, FlowEngine, Message
from llmfy.flow_engine.checkpointer.base_checkpointer import Checkpoint


def plain(state):
    """A state as it is stored: objects of classes are JSON objects that name their class."""
    return json.loads(Checkpoint._serialize_state(state))


def exact(state):
    """A text that is equal for equal states alone: 1.0 is not 1, and no digit is lost."""
    return json.dumps(plain(state), sort_keys=True)


class Row(NamedTuple):
    """A checkpoint, as one of the two tells it."""

    id: str
    node: str
    step: int
    milliseconds: int
    state: str


class Letter(TypedDict, total=False):
    log: Annotated[list, lambda old, new: (old or []) + new]
    status: str
    verdict: str
    round: int
    ratio: float
    share: float
    pages: int
    nested: dict
    sender: Message


class Theirs:
    name = "llmfy"

    def __init__(self, checkpointer):
        self.checkpointer = checkpointer
        self.engine = FlowEngine(Letter, checkpointer)
        for name in letter.NODES:
            self.engine.add_node(name, self.node(name))
        self.engine.add_edge(START, "fetch")
        self.engine.add_edge("fetch", "score")
        self.engine.add_conditional_edge("score", ["write", "mark"], letter.after_score)
        self.engine.add_edge("mark", "write")
        self.engine.add_edge("write", END)
        self.engine.build()

    @staticmethod
    def node(name):
        def run(state):
            # llmfy's only order is the clock's, and in PostgreSQL and MariaDB it keeps no more than milliseconds.
            time.sleep(0.002)
            return letter.run(name, state)

        return run

    async def turn(self, session, input, fails_at):
        """Invokes the flow, and returns what it ended with: the state, or None if it stopped in the middle."""
        os.environ["LETTER_FAILS_AT"] = fails_at or ""
        time.sleep(0.002)
        try:
            # As it would come from a caller: objects, not what they are stored as.
            state = await self.engine.invoke(Checkpoint._deserialize_state(json.dumps(input)), session)
        except letter.Refused:
            return None
        return plain(state)

    async def history(self, session):
        """All checkpoints, newest first."""
        rows = []
        for row in await self.engine.list_checkpoints(session, limit=1000):
            facts = row.metadata
            rows.append(Row(facts.checkpoint_id, facts.node_name, facts.step, milliseconds(facts.timestamp), exact(row.state)))
        return rows

    async def state(self, session):
        return await self.engine.get_state(session)


class Ours:
    name = "Penstock"

    def __init__(self, flows, environment):
        self.environment = os.environ | environment | {"PENSTOCK_FLOWS": str(flows), "PENSTOCK_LOG_LEVEL": "error"}
        self.jobs = 0

    def penstock(self, *words):
        answer = subprocess.run(
            [os.environ["PENSTOCK"], *words], env=self.environment, capture_output=True, text=True, timeout=60
        )
        if answer.returncode:
            raise AssertionError(f"penstock {' '.join(words)} ended with {answer.returncode}: {answer.stderr.strip()}")
        return json.loads(answer.stdout) if "--json" in words else answer.stdout

    async def turn(self, session, input, fails_at):
        """Runs a job, and returns what it ended with: the state, or None if it stopped in the middle."""
        self.jobs += 1
        job = f"{session}.{self.jobs}"
        self.penstock("enqueue", "letter", "--id", job, "--session", session, "--input", json.dumps(input))
        self.environment["LETTER_FAILS_AT"] = fails_at or ""
        self.penstock("work", "--burst")
        ended = self.penstock("job", "show", job, "--json")
        if ended["status"] == "dead" and "was told to fail" in ended["error"]:
            return None
        assert ended["status"] == "done", f"the job is {ended['status']}: {ended['error']}"
        return ended["result"]

    async def history(self, session):
        rows = []
        for row in self.penstock("session", "history", session, "--limit", "1000", "--json"):
            at = milliseconds(datetime.datetime.fromisoformat(row["timestamp"]))
            rows.append(Row(row["checkpoint_id"], row["node_name"], row["step"], at, exact(row["state"])))
        return rows

    async def state(self, session):
        return self.penstock("session", "state", session, "--json")


def milliseconds(timestamp):
    """Since 1970. What names no zone is in UTC; what is finer than a store keeps is cut off."""
    if timestamp.tzinfo is None:
        timestamp = timestamp.replace(tzinfo=datetime.UTC)
    return math.floor(timestamp.timestamp() * 1000)
