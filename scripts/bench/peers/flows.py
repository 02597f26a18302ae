"""What the flow engines' peers share: the load, and what is told of it. Import only."""

import asyncio
import inspect
import json
import os
import sys
import time


def line(graph, start, end):
    """Adds five nodes, one after the other, each of which sets one key; says them as llmfy and LangGraph both take them."""
    names = [f"n{number}" for number in range(1, 6)]
    for name in names:

        async def node(state, name=name):
            return {"at": name}

        graph.add_node(name, node)
    for source, target in zip([start] + names, names + [end]):
        graph.add_edge(source, target)


async def _run(make, url, clients, seconds):
    flow = make(url)
    if inspect.isawaitable(flow):
        flow = await flow
    await flow("warm", 1000)
    start = time.monotonic()
    end = start + seconds
    done = 0

    async def client(number):
        nonlocal done
        while time.monotonic() < end:
            assert (await flow(f"s{number}-{done}-{time.monotonic_ns()}", 1000))["at"] == "n5"
            done += 1

    await asyncio.gather(*(client(number) for number in range(clients)))
    print(json.dumps({"flows_per_second": done / (time.monotonic() - start)}), flush=True)
    # What its threads and connections are at is of no interest any more.
    os._exit(0)


def main(make):
    """`make(url)` gives what runs a flow: flow(session, bytes of its state)."""
    import uvloop

    uvloop.run(_run(make, sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
