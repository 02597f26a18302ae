"""A node that runs once: the session's state comes in as JSON, and what it prints is laid over the state."""

import json
import sys

state = json.load(sys.stdin)
name = state.get("name", "world")
if not isinstance(name, str) or not name.strip():
    # Trying again would not help, and 65 says so: the job is buried with this sentence.
    sys.exit(print("name should be a text that is not empty", file=sys.stderr) or 65)

print(json.dumps({"greeting": f"Hello, {name.strip()}!"}))
