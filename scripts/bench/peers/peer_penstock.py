"""Penstock with a node in Python: produces like the others' producers, and is the program that serves penstock/bench.json."""

import json
import sys

import producer


def serve():
    for line in sys.stdin:
        json.loads(line)
        producer.mark()
        print("{}", flush=True)


def main():
    import redis

    client = redis.Redis.from_url(producer.URL)

    def bulk(count):
        for first in range(0, count, 1000):
            numbers = range(first, min(first + 1000, count))
            client.lpush("penstock:queue:default", *(json.dumps(producer.payload(number)) for number in numbers))

    def one(number):
        # Those of `bulk` are done, and would not run again.
        message = producer.payload(number) | {"id": f"one{number}", "session_id": f"one{number}"}
        client.lpush("penstock:queue:default", json.dumps(message))

    producer.main(bulk, one)


if __name__ == "__main__":
    serve() if sys.argv[1] == "serve" else main()
