"""Stands between some of the workers and a server, on Unix sockets, and makes a bad network of it on request.

    proxy.py LISTEN SERVER

Orders come on standard input, a line each; it ends when that does.

    delay SECONDS   each piece that passes, either way, waits so long; 0 ends it
    cut             of the next answer on each connection only half passes, then it is closed
    deafen          answers are swallowed, so that what was asked for takes effect and nobody is told
    hold            nothing passes, either way; it passes late, at `heal`
    heal            ends all that; connections that were deafened are closed
"""

import asyncio
import contextlib
import sys


class Network:
    """What is the matter at the moment."""

    def __init__(self):
        self.delay = 0.0
        self.is_deaf = False
        self.passage = asyncio.Event()
        self.passage.set()
        self.connections = set()

    def obey(self, order):
        word, *values = order.split()
        if word == "delay":
            self.delay = float(values[0])
        elif word == "cut":
            for connection in self.connections:
                connection.is_to_be_cut = True
        elif word == "deafen":
            self.is_deaf = True
        elif word == "hold":
            self.passage.clear()
        elif word == "heal":
            self.is_deaf, self.delay = False, 0.0
            for connection in list(self.connections):
                connection.is_to_be_cut = False
                if connection.has_swallowed:
                    connection.close()
            self.passage.set()


class Connection:
    def __init__(self, network, client, server):
        self.network, self.client, self.server = network, client, server
        self.is_to_be_cut = self.has_swallowed = False

    def close(self):
        self.network.connections.discard(self)
        self.client.transport.abort()
        self.server.transport.abort()

    async def carry(self, reader, writer, is_answer):
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                if self.network.delay:
                    await asyncio.sleep(self.network.delay)
                await self.network.passage.wait()
                if is_answer and self.network.is_deaf:
                    self.has_swallowed = True
                if is_answer and self.has_swallowed:
                    continue
                if is_answer and self.is_to_be_cut:
                    writer.write(piece[: len(piece) // 2])
                    await writer.drain()
                    break
                writer.write(piece)
                await writer.drain()
        # Whatever ends one way ends the other.
        await self.network.passage.wait()
        self.close()


async def main(listen, server_path):
    network = Network()

    async def serve(reader, writer):
        await network.passage.wait()
        try:
            server_reader, server_writer = await asyncio.open_unix_connection(server_path)
        except OSError:
            writer.transport.abort()
            return
        connection = Connection(network, writer, server_writer)
        network.connections.add(connection)
        # Cancelled when all ends.
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(
                connection.carry(reader, server_writer, is_answer=False), connection.carry(server_reader, writer, is_answer=True)
            )

    server = await asyncio.start_unix_server(serve, listen, backlog=200)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    print("ready", flush=True)
    while order := await orders.readline():
        network.obey(order.decode())
    server.close()
    for connection in list(network.connections):
        connection.close()


with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(main(*sys.argv[1:]))
