"""Penstock and the real llmfy take turns in sessions, in every store that both know.

After each turn both must tell the same history, to the last digit of every state, and the one whose turn it was must
have gone on where the other stopped. Run by scripts/check-llmfy, which sees to what this needs.
"""

import asyncio
import concurrent.futures
import os
import pathlib
import sys
import tempfile
from typing import NamedTuple

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here / "flows"))

import letter  # noqa: E402
from llmfy import Message  # noqa: E402
from places import PLACES  # noqa: E402
from sides import Ours, Theirs, exact, plain  # noqa: E402


class Turn(NamedTuple):
    side: str
    fails_at: str | None = None


def penstock(fails_at=None):
    return Turn("Penstock", fails_at)


def llmfy(fails_at=None):
    return Turn("llmfy", fails_at)


# Who comes first makes the tables.
OURS_FIRST = {
    "what Penstock finished, llmfy starts anew": [penstock(), llmfy(), llmfy()],
    "what Penstock left in the middle, llmfy finishes": [penstock("score"), llmfy(), penstock()],
    "what Penstock left behind a route, llmfy finishes": [penstock("write"), llmfy()],
    "what Penstock left on a route's other way, llmfy finishes": [penstock(), penstock("write"), llmfy()],
    "what Penstock did not begin, llmfy begins": [penstock("fetch"), llmfy()],
    "they take turns": [
        *[penstock(), llmfy(), penstock("score"), llmfy("write"), penstock(), penstock(), llmfy("fetch"), penstock("score")],
        *[penstock("score"), llmfy(), llmfy("score"), penstock("write"), llmfy(), llmfy(), penstock()],
    ],
}
THEIRS_FIRST = {
    "what llmfy finished, Penstock starts anew": [llmfy(), penstock(), penstock()],
    "what llmfy left in the middle, Penstock finishes": [llmfy("score"), penstock(), llmfy()],
    "what llmfy left behind a route, Penstock finishes": [llmfy("write"), penstock()],
    "what llmfy left on a route's other way, Penstock finishes": [llmfy(), llmfy("write"), penstock()],
    "what llmfy did not begin, Penstock begins": [llmfy("fetch"), penstock()],
    "where llmfy itself would lose its place, Penstock does not": [llmfy("score"), llmfy("fetch"), penstock()],
    "they take turns": [
        *[llmfy(), penstock(), llmfy("score"), penstock("write"), llmfy(), llmfy("fetch"), llmfy("write"), penstock("write")],
        *[penstock(), llmfy("write"), penstock(), penstock("score"), llmfy(), penstock()],
    ],
}

# What a state may hold.
VALUES = {
    "text": 'é 😀 \x01\x7f \t / \\ "',
    "floats": [1.0, -0.0, 0.1, 1e16, 1e22, 1e-07, 5e-324, 1.7976931348623157e308],
    "integers": [0, 2**53 + 1, 2**63, 2**64, -(10**30)],
    "nested": {"empty": {}, "list": [], "nothing": None, "yes": True, "é": {"1": [[{}]]}},
    "sender": plain({"": Message(role="user", content="grüß dich 😀", name="Ada")})[""],
}
# What Python writes, and no job can bring: half of a surrogate pair, and what is no JSON.
ODD_VALUES = VALUES | {"odd": ["\ud800", float("nan"), float("inf"), float("-inf")]}


class Expectation:
    """What a session must be after the turns that were taken."""

    def __init__(self):
        self.rows = []
        self.state = {}

    @property
    def step(self):
        return self.rows[-1][1] if self.rows else 0

    def next(self, turn):
        """Where a turn begins. llmfy looks at the last row alone; Penstock passes over llmfy's marks of a beginning."""
        nodes = [node for node, _ in self.rows if turn.side == "llmfy" or node != "__start__"]
        return self.after(nodes[-1]) if nodes else "fetch"

    def after(self, node):
        following = {"__start__": "fetch", "fetch": "score", "mark": "write", "write": "fetch"}
        return following.get(node) or letter.after_score(self.state)

    def merge(self, update):
        log = self.state.get("log", []) + update.get("log", [])
        self.state = self.state | update | {"log": log}

    def play(self, turn, input):
        """Takes a turn; the returned state is nothing if it stops in the middle."""
        before, rows, node = self.state, len(self.rows), self.next(turn)
        self.merge(input)
        if turn.side == "llmfy":
            self.rows.append(("__start__", self.step))
        while True:
            if node == turn.fails_at:
                if len(self.rows) == rows:
                    self.state = before  # Penstock keeps the input with the first node's checkpoint.
                return None
            self.merge(letter.NODES[node](self.state))
            self.rows.append((node, self.step + 1))
            if node == "write":
                return self.state
            node = self.after(node)


def same(what, got, expected):
    assert got == expected, f"{what}:\n    expected {expected}\n    got      {got}"


async def take_turns(sides, session, turns, values):
    expectation = Expectation()
    for number, turn in enumerate(turns, 1):
        input = {"log": [f"turn {number}"]} | (values if number == 1 else {})
        ended = expectation.play(turn, input)
        about = f"turn {number}, {turn.side}" + (f" failing at {turn.fails_at}" if turn.fails_at else "")
        same(f"{about}: what it ended with", exact(await sides[turn.side].turn(session, input, turn.fails_at)), exact(ended))
        await agree(about, sides, session, expectation)
    same("the state that Penstock loads", exact(await sides["Penstock"].state(session)), exact(expectation.state))
    shown = sides["Penstock"].penstock("session", "show", session, "--json")
    same("the path that Penstock shows", shown["path"], [node for node, _ in expectation.rows])
    listed = sides["Penstock"].penstock("session", "list", "--limit", "1000", "--json")
    heads = {one["session_id"]: (one["head"], one["checkpoints"]) for one in listed}
    same("Penstock's list", heads.get(session), (expectation.step, len(expectation.rows)))


async def agree(about, sides, session, expectation):
    histories = {name: await side.history(session) for name, side in sides.items()}
    for name, rows in histories.items():
        told = [(row.node, row.step) for row in reversed(rows)]
        same(f"{about}: the history that {name} tells", told, expectation.rows)
        times = [row.milliseconds for row in rows]
        same(f"{about}: the times that {name} tells, newest first", times, sorted(times, reverse=True))
    same(f"{about}: what both tell", histories["Penstock"], histories["llmfy"])
    theirs = await sides["llmfy"].state(session)
    if not expectation.rows:
        return same(f"{about}: the state that llmfy loads", theirs, None)
    same(f"{about}: the state that llmfy loads", exact(theirs), exact(expectation.state))
    if "sender" in expectation.state:
        same(f"{about}: the class of an object that llmfy loads", type(theirs["sender"]), Message)


async def check(store):
    """Returns how many ways of taking turns passed, and how many failed."""
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="penstock-llmfy.") as scratch:
        for name, cases in {"ours_first": OURS_FIRST, "theirs_first": THEIRS_FIRST}.items():
            url, checkpointer = PLACES[store](scratch, name)
            settings = {
                "PENSTOCK_REDIS_URL": os.environ["PENSTOCK_TEST_REDIS_URL"],
                "PENSTOCK_PREFIX": f"{store}:{name}:",
                "PENSTOCK_STORE_URL": url,
                "PENSTOCK_STORE_TABLE_PREFIX": "llmfy_",
                "PENSTOCK_STORE_KEY_PREFIX": "llmfy_checkpoint:",
            }
            sides = {"Penstock": Ours(here / "flows", settings), "llmfy": Theirs(checkpointer)}
            for number, (sentence, turns) in enumerate(cases.items(), 1):
                values = ODD_VALUES if turns[0].side == "llmfy" else VALUES
                try:
                    await take_turns(sides, f"{name}:{number}", turns, values)
                    passed += 1
                    print(f"{store}: {sentence}: good", flush=True)
                except Exception as failure:
                    failed += 1
                    print(f"{store}: {sentence}: FAILED\n  {type(failure).__name__}: {failure}", flush=True)
            await checkpointer.close()
    return passed, failed


def check_apart(store):
    return asyncio.run(check(store))


if __name__ == "__main__":
    # A process for each store: most of the time goes into starting programs.
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as processes:
        tallies = list(processes.map(check_apart, PLACES))
    passed, failed = (sum(column) for column in zip(*tallies))
    print(f"{passed} of {passed + failed} ways of taking turns are as they should be, in {', '.join(PLACES)}")
    sys.exit(1 if failed else 0)
