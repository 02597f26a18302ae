"""Pushes a job for Penstock onto a Redis list, waits up to 30 s for its end and prints it, as JSON.

    python3 producer.py FLOW SESSION INPUT_JSON [QUEUE]
    python3 producer.py greet user-123 '{"name": "Ada"}'

Needs redis (pip install redis, Debian's python3-redis). PENSTOCK_REDIS_URL says where Redis is (redis://host:port/db,
redis+unix:///path.sock), PENSTOCK_PREFIX what its keys begin with. Ends with 0 if the job is done, otherwise with 1.
"""

import json
import os
import sys
import uuid

import redis

flow, session, given, queue = (*sys.argv[1:], "default")[:4]
prefix = os.environ.get("PENSTOCK_PREFIX", "penstock:")
url = os.environ.get("PENSTOCK_REDIS_URL", "redis://127.0.0.1:6379/0")
server = redis.from_url(url.replace("redis+unix://", "unix://"), socket_timeout=40)  # longer than the wait below

job = {"flow": flow, "id": str(uuid.uuid4()), "session_id": session, "input": json.loads(given)}
server.lpush(f"{prefix}queue:{queue}", json.dumps(job))

ended = f"{prefix}ended:{job['id']}"
notice = server.blmove(ended, ended, 30, "RIGHT", "RIGHT")  # reads it and leaves it there, for others that wait
if notice is None:
    sys.exit(f"job {job['id']} has not ended within 30 s")
print(notice.decode())
sys.exit(json.loads(notice)["status"] != "done")
