"""A producer with nothing but Python's standard library: pushes a job onto a queue and waits for its end.

    producer.py REDIS_SOCKET '{"flow": "greet", "id": "hello-1", "input": {"name": "Ada"}}' [QUEUE]

Prints how the job ended, as JSON. The two commands are all there is to know of Redis: LPUSH, and BLPOP to wait.
"""

import json
import socket
import sys


def ask(redis, *words):
    """Sends one command and reads its reply, as Redis' protocol spells them: lengths first, then bytes."""
    redis.write(b"*%d\r\n" % len(words))
    for word in words:
        word = word.encode() if isinstance(word, str) else str(word).encode()
        redis.write(b"$%d\r\n%s\r\n" % (len(word), word))
    redis.flush()
    return reply(redis)


def reply(redis):
    line = redis.readline()
    kind, rest = line[:1], line[1:-2]
    if kind == b"-":
        raise RuntimeError(rest.decode())
    if kind == b":":
        return int(rest)
    if kind == b"$":
        return None if rest == b"-1" else redis.read(int(rest) + 2)[:-2].decode()
    if kind == b"*":
        return None if rest == b"-1" else [reply(redis) for _ in range(int(rest))]
    return rest.decode()


path, job, queue = sys.argv[1], json.loads(sys.argv[2]), (sys.argv[3:] or ["default"])[0]
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(path)
    with connection.makefile("rwb") as redis:
        ask(redis, "LPUSH", f"penstock:queue:{queue}", json.dumps(job))
        end = ask(redis, "BLPOP", f"penstock:ended:{job['id']}", 30)
if end is None:
    sys.exit("the job has not ended within 30 s")
print(end[1])
