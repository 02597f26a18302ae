"""The few commands of Redis that a check needs, over a Unix socket, with the standard library alone."""

import socket


class Redis:
    """One connection, which may be away for a while: after an OSError it is made anew by the next question.

    A question whose answer was lost may have taken effect.
    """

    def __init__(self, path, patience=30):
        self.path = str(path)
        self.patience = patience
        self.stream = None

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(self.patience)
        try:
            connection.connect(self.path)
        except OSError:
            connection.close()
            raise
        self.stream = connection.makefile("rwb")
        connection.close()

    def send(self, *words):
        self.stream.write(b"*%d\r\n" % len(words))
        for word in words:
            word = word if isinstance(word, bytes) else str(word).encode()
            self.stream.write(b"$%d\r\n%s\r\n" % (len(word), word))

    def receive(self):
        line = self.stream.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("Redis closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            return RuntimeError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.read(int(rest) + 2)[:-2].decode()
        if kind == b"*":
            return None if rest == b"-1" else [self.receive() for _ in range(int(rest))]
        return rest.decode()

    def read(self, count):
        text = self.stream.read(count)
        if len(text) < count:
            raise ConnectionError("Redis closed the connection")
        return text

    def close(self):
        if self.stream:
            try:
                self.stream.close()
            except OSError:
                pass  # What was not sent is not sent.
            self.stream = None

    def ask_all(self, commands):
        """The answers to commands that leave together, an error of Redis' own among them; raises OSError when it is away."""
        try:
            if not self.stream:
                self.connect()
            answers = []
            for start in range(0, len(commands), 500):
                part = commands[start : start + 500]
                for command in part:
                    self.send(*command)
                self.stream.flush()
                answers += [self.receive() for _ in part]
            return answers
        except OSError:
            self.close()
            raise

    def ask(self, *words):
        answer = self.ask_all([words])[0]
        if isinstance(answer, RuntimeError):
            # It is there and cannot answer: it is loading, for one.
            raise ConnectionError(str(answer))
        return answer

    def keys(self, pattern):
        cursor, found = "0", []
        while True:
            cursor, some = self.ask("SCAN", cursor, "MATCH", pattern, "COUNT", 1000)
            found += some
            if cursor == "0":
                return found

    def hash(self, key):
        words = self.ask("HGETALL", key)
        return dict(zip(words[::2], words[1::2]))
