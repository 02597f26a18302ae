"""A node whose program stays: it starts once per slot, and answers each line with a line.

A line in is an object: the session's "state", and what a program that runs once finds in its environment ("session_id", "job_id",
"step", "attempt", "idempotency_key" …). The line out is an update of the state.

What takes long to get ready, such as a model or a connection, is made ready once, before the loop. What belongs to a
conversation stays in the session's state: the next message may come to another worker.
"""

import json
import sys

for line in sys.stdin:
    said = [message["text"] for message in json.loads(line)["state"].get("messages", []) if message.get("from") == "you"]
    if not said:
        text = "Say something."
    elif len(said) == 1:
        text = f"You said: {said[0]}"
    else:
        text = f"You said: {said[-1]} Before that: {said[-2]} You have told me {len(said)} things so far."
    # Flushed: the worker waits for this line.
    print(json.dumps({"messages": [{"from": "penstock", "text": text}]}), flush=True)
