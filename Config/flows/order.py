"""The nodes of order.json that do something: order.py price|reserve|charge|ship.

A worker may die after a program acted and before its checkpoint was saved. The node then runs again, with the same idempotency
key. So what acts on the world outside (here a ledger: a folder with one file for each action) does it once per key.

The state's `seconds` says how long the bank takes to confirm a charge; the ledger is $ORDER_LEDGER, or a folder among the temporary files.
"""

import json
import os
import pathlib
import sys
import tempfile
import time

PRICES = {"tea": 450, "cup": 1200, "pot": 3900}


def act_once(what):
    """Enters the action in the ledger, unless an earlier try of this node did. Returns whether it was this one."""
    ledger = pathlib.Path(os.environ.get("ORDER_LEDGER") or f"{tempfile.gettempdir()}/penstock-orders-{os.getuid()}")
    ledger.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = ledger / f".{os.getpid()}"
    draft.write_text(what + "\n")
    try:
        # There whole or not at all, and by one try only, however many come here at the same time.
        os.link(draft, ledger / os.environ["PENSTOCK_IDEMPOTENCY_KEY"])
        return True
    except FileExistsError:
        print(f"an earlier try did this: {what}", file=sys.stderr)
        return False
    finally:
        draft.unlink()


def price(state):
    items = state.get("items", [])
    unknown = sorted({item for item in items if item not in PRICES})
    if unknown:
        sys.exit(print(f"we sell {', '.join(PRICES)}; not {', '.join(unknown)}", file=sys.stderr) or 65)
    cents = sum(PRICES[item] for item in items)
    return {"cents": cents, "status": "priced" if items else "empty", "log": [f"priced at {cents}"]}


def reserve(state):
    act_once(f"reserve {' '.join(state['items'])}")
    return {"log": ["reserved"]}


def charge(state):
    if act_once(f"charge {state['cents']}"):
        time.sleep(min(float(state.get("seconds", 0)), 20))
    return {"log": ["charged"]}


def ship(state):
    act_once(f"ship {' '.join(state['items'])}")
    return {"log": ["shipped"]}


state = json.load(sys.stdin)
print(json.dumps({"price": price, "reserve": reserve, "charge": charge, "ship": ship}[sys.argv[1]](state)))
