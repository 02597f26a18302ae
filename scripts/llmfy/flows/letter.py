"""The nodes of the flow `letter`, for both: Penstock runs them as programs (letter.py NODE), llmfy calls them as functions.

The node that LETTER_FAILS_AT names fails.
"""

import json
import os
import sys


def fetch(state):
    return {"log": ["fetched é 😀"], "status": "fetched", "round": state.get("round", 0) + 1, "ratio": 2.0}


def score(state):
    verdict = "good" if state["round"] % 2 else "poor"
    return {"log": [f"scored {verdict}"], "status": "scored", "verdict": verdict, "ratio": state["ratio"] / 2}


def mark(state):
    return {"log": ["marked"], "status": "marked", "share": 1.0}


def write(state):
    return {"log": ["written"], "status": "written", "pages": state.get("pages", 10**30) + 1}


NODES = {"fetch": fetch, "score": score, "mark": mark, "write": write}


def after_score(state):
    return "write" if state["verdict"] == "good" else "mark"


class Refused(Exception):
    pass


def run(name, state):
    if os.environ.get("LETTER_FAILS_AT") == name:
        raise Refused(f"{name} was told to fail")
    return NODES[name](state)


if __name__ == "__main__":
    try:
        print(json.dumps(run(sys.argv[1], json.load(sys.stdin))))
    except Refused as refused:
        sys.exit(print(refused, file=sys.stderr) or 65)
