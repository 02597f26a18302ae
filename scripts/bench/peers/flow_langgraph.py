"""LangGraph: `python flow_langgraph.py URL CLIENTS SECONDS`, as flow_llmfy.py, each checkpoint written before the next node begins."""

from typing import Any, TypedDict

import aiosqlite
import flows
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool


class State(TypedDict):
    filler: str
    at: Any


async def saver(url):
    scheme, rest = url.split(":", 1)
    if scheme == "memory":
        return InMemorySaver()
    if scheme == "sqlite":
        store = AsyncSqliteSaver(await aiosqlite.connect(rest.removeprefix("///"), timeout=30))
    else:
        # As its documentation asks for.
        options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
        pool = AsyncConnectionPool(url, min_size=8, max_size=16, kwargs=options, open=False)
        await pool.open()
        store = AsyncPostgresSaver(pool)
    await store.setup()
    return store


async def five_nodes(url):
    graph = StateGraph(State)
    flows.line(graph, START, END)
    graph = graph.compile(checkpointer=await saver(url))
    return lambda session, size: graph.ainvoke(
        {"filler": "s" * size, "at": None}, {"configurable": {"thread_id": session}}, durability="sync")


if __name__ == "__main__":
    flows.main(five_nodes)
