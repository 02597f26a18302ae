"""The soak's flows, and what the checker knows of them."""

import json
import pathlib
import shutil

END = "__end__"

# Python without what it reads at its start that these programs do not need.
PROGRAM = ["python3", "-I", "-S", "-B", "nodes.py"]
WAITS = {"backoff_seconds": 0.2, "max_backoff_seconds": 1}
FLOWS = {
    # Programs of both kinds, and a route.
    "heavy": {
        "flow": "heavy",
        "reducers": {"log": "append", "keys": "append"},
        "nodes": {
            "begin": {"set": {"at": "begin"}},
            "act": {"run": [*PROGRAM, "run"]},
            "talk": {"serve": [*PROGRAM, "serve"]},
            "close": {"set": {"at": "close"}},
        },
        "edges": [
            ["START", "begin"], ["begin", "act"], {"from": "act", "route": "way", "to": {"short": "END", "long": "talk"}, "else": "close"},
            ["talk", "close"], ["close", "END"],
        ],
        "attempts": WAITS,
    },
    # Its first node is a program: a job may fail before the session has a checkpoint of it.
    "light": {
        "flow": "light",
        "reducers": {"log": "append", "keys": "append"},
        "nodes": {
            "talk": {"serve": [*PROGRAM, "serve"]},
            "mark": {"set": {"at": "mark"}},
            "close": {"set": {"at": "close"}},
        },
        "edges": [["START", "talk"], ["talk", "mark"], ["mark", "close"], ["close", "END"]],
        "attempts": WAITS,
    },
    # Each checkpoint is saved while the next node runs, so a node may have acted whose predecessor is not committed.
    "eager": {
        "flow": "eager",
        "durability": "async",
        "reducers": {"log": "append", "keys": "append"},
        "nodes": {
            "talk": {"serve": [*PROGRAM, "serve"]},
            "act": {"run": [*PROGRAM, "run"]},
            "close": {"set": {"at": "close"}},
        },
        "edges": [["START", "talk"], ["talk", "act"], ["act", "close"], ["close", "END"]],
        "attempts": WAITS,
    },
}
# How many nodes of a run may have acted and not be committed.
AHEAD = {"heavy": 1, "light": 1, "eager": 2}
EFFECTS = {(name, node) for name, flow in FLOWS.items() for node, is_ in flow["nodes"].items() if "set" not in is_}
SLOW_SECONDS = 2.5


def of_session(session):
    """The flow of a session, which its name ends with."""
    return session.rpartition("-")[2]


def first_node(flow):
    return next(edge[1] for edge in FLOWS[flow]["edges"] if edge[0] == "START")


def next_node(flow, node, state):
    """What comes after a node, by the state that its checkpoint has."""
    for edge in FLOWS[flow]["edges"]:
        if isinstance(edge, dict):
            source, target = edge["from"], edge["to"].get(state.get(edge["route"]), edge["else"])
        else:
            source, target = edge
        if source == node:
            return END if target == "END" else target
    return None


def write(folder):
    folder = pathlib.Path(folder)
    folder.mkdir()
    for name, flow in FLOWS.items():
        (folder / f"{name}.json").write_text(json.dumps(flow))
    shutil.copy(pathlib.Path(__file__).parent / "nodes.py", folder)
    return folder
