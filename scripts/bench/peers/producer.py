"""What the queues' peers share. Import only.

A job writes eight bytes to the file $BENCH_DONE, the time by the monotonic clock in nanoseconds, so that any language can take part.
"""

import asyncio
import inspect
import json
import os
import struct
import sys
import time

URL = os.environ["BENCH_REDIS"]
_done = os.open(os.environ["BENCH_DONE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def payload(number):
    return {"flow": "bench", "id": f"b{number}", "session_id": f"s{number}", "input": {"filler": "s" * 100}}


def mark():
    os.write(_done, struct.pack("<q", time.monotonic_ns()))


def _ended():
    return os.stat(os.environ["BENCH_DONE"]).st_size // 8


async def _wait(answer):
    return await answer if inspect.isawaitable(answer) else answer


async def _bulk(bulk, count):
    start = time.perf_counter()
    await _wait(bulk(count))
    return {"enqueued_per_second": count / (time.perf_counter() - start)}


async def _one_by_one(one, count):
    latencies = []
    # The first few find a worker that has done nothing yet.
    for number in range(-10, count):
        before, start = _ended(), time.monotonic_ns()
        await _wait(one(number + 10))
        while _ended() == before:
            await asyncio.sleep(0.0002)
        if number >= 0:
            with open(os.environ["BENCH_DONE"], "rb") as done:
                done.seek(before * 8)
                latencies.append((struct.unpack("<q", done.read(8))[0] - start) / 1e6)
        await asyncio.sleep(0.002 + number % 7 / 1000)
    return {"latencies_ms": latencies}


def main(bulk, one, setup=None):
    """Answers `bulk N` (enqueue N jobs the best way there is) and `one N` (one at a time, to an idle worker)."""

    async def run():
        if setup:
            await _wait(setup())
        how, count = sys.argv[1], int(sys.argv[2])
        print(json.dumps(await (_bulk(bulk, count) if how == "bulk" else _one_by_one(one, count))))

    asyncio.run(run())
