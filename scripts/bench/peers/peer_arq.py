"""arq with llmfy: `arq peer_arq.WorkerSettings`, and `python peer_arq.py bulk|one N`.

Each job locks its session, runs a flow of five nodes with a checkpoint after each, and keeps its result: what a worker of Penstock does.
"""

import asyncio
import json

from arq import create_pool
from arq.connections import RedisSettings
from flow_llmfy import five_nodes
from producer import URL, main, mark, payload


SERVER = RedisSettings(unix_socket_path=URL.removeprefix("unix://"))


async def startup(context):
    context["flow"] = five_nodes(URL)


async def job(context, message):
    redis, session = context["redis"], message["session_id"]
    lock = redis.lock("lock:" + session, timeout=30)
    if not await lock.acquire(blocking=False):
        raise RuntimeError("locked")
    try:
        state = await context["flow"](session, 1000)
        await redis.set("result:" + message["id"], json.dumps(state), ex=3600)
    finally:
        await lock.release()
    mark()


class WorkerSettings:
    functions = [job]
    on_startup = startup
    redis_settings = SERVER
    max_jobs = 64
    poll_delay = 0.01
    log_results = False


pool = None


async def setup():
    global pool
    pool = await create_pool(SERVER)


async def bulk(count):
    for start in range(0, count, 50):
        await asyncio.gather(
            *(pool.enqueue_job("job", payload(number)) for number in range(start, min(start + 50, count))))


if __name__ == "__main__":
    main(bulk, lambda number: pool.enqueue_job("job", payload(number)), setup)
