"""taskiq: `taskiq worker peer_taskiq:broker`, and `python peer_taskiq.py bulk|one N`. $TASKIQ_SAFE: a stream with acknowledgements, and results."""

import asyncio
import os

from producer import URL, main, mark, payload
from taskiq_redis import ListQueueBroker, RedisAsyncResultBackend, RedisStreamBroker

if os.environ.get("TASKIQ_SAFE"):
    broker = RedisStreamBroker(URL, queue_name="bench", consumer_id="0").with_result_backend(
        RedisAsyncResultBackend(URL, result_ex_time=3600))
else:
    broker = ListQueueBroker(URL, queue_name="bench")


@broker.task(task_name="bench")
async def job(message: dict) -> None:
    mark()


async def bulk(count):
    for start in range(0, count, 100):
        await asyncio.gather(*(job.kiq(payload(number)) for number in range(start, min(start + 100, count))))


if __name__ == "__main__":
    main(bulk, lambda number: job.kiq(payload(number)), broker.startup)
