"""llmfy's flow engine: `python flow_llmfy.py URL CLIENTS SECONDS` runs flows of five nodes with a checkpoint after each, a new session for
each, so many side by side, and prints how many it ran a second. URL is `memory:` or a store's.
"""

from typing import Any, TypedDict

import flows
from llmfy.flow_engine import END, START, FlowEngine
from llmfy.flow_engine.checkpointer.in_memory_checkpointer import InMemoryCheckpointer
from llmfy.flow_engine.checkpointer.redis_checkpointer import RedisCheckpointer
from llmfy.flow_engine.checkpointer.sql_checkpointer import SQLCheckpointer

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "mysql": "mysql+aiomysql"}


class State(TypedDict):
    filler: str
    at: Any


def checkpointer(url):
    scheme, rest = url.split(":", 1)
    if scheme == "memory":
        return InMemoryCheckpointer()
    if scheme in ("redis", "unix"):
        return RedisCheckpointer(redis_url=url, ttl=3600)
    store = SQLCheckpointer(f"{DRIVERS[scheme]}:{rest}")
    if scheme == "postgresql":
        # It hands asyncpg a time with a zone for a column without one, which asyncpg refuses: it could not save at all.
        save = store.save

        async def without_zone(checkpoint):
            checkpoint.metadata.created_at = checkpoint.metadata.created_at.replace(tzinfo=None)
            await save(checkpoint)

        store.save = without_zone
    return store


def five_nodes(url):
    engine = FlowEngine(State, checkpointer=checkpointer(url))
    flows.line(engine, START, END)
    engine = engine.build()
    return lambda session, size: engine.invoke({"filler": "s" * size, "at": None}, session_id=session)


if __name__ == "__main__":
    flows.main(five_nodes)
