"""saq: `saq peer_saq.settings`, and `python peer_saq.py bulk|one N`."""

import asyncio

from producer import URL, main, mark, payload
from redis.asyncio import Redis
from saq.queue.redis import RedisQueue

queue = RedisQueue(Redis.from_url(URL), name="bench")


async def job(context, *, message):
    mark()


settings = {"queue": queue, "functions": [job], "concurrency": 50}


async def bulk(count):
    for start in range(0, count, 100):
        await asyncio.gather(
            *(queue.enqueue("job", message=payload(number)) for number in range(start, min(start + 100, count))))


if __name__ == "__main__":
    main(bulk, lambda number: queue.enqueue("job", message=payload(number)), queue.connect)
