"""Prints medians of the lines that limits and run write.

    table.py LIMITS [PENSTOCK]

LIMITS has a store's own saves a second, PENSTOCK those of flows that the engine ran in it, alone and in a worker; with both come their ratios.
"""

import collections
import json
import statistics
import sys


def medians(path, key, value):
    found = collections.defaultdict(list)
    for line in open(path):
        row = json.loads(line)
        found[key(row)].append(row[value])
    return {key: statistics.median(values) for key, values in found.items()}


limits = medians(sys.argv[1], lambda row: (row["store"], row["clients"], row["sessions"]), "saves_per_second")
stores = list(dict.fromkeys(store for store, _, _ in limits))
columns = [("one a commit", 1, 1), ("64 a commit", 1, 64), ("32 by each of two", 2, 32)]
print("\nSaves a second, medians:\n")
print(f"{'store':10}" + "".join(f"{title:>19}" for title, _, _ in columns))
for store in stores:
    print(f"{store:10}" + "".join(f"{limits[store, clients, sessions]:19,.0f}" for _, clients, sessions in columns))

if len(sys.argv) > 2:
    ours = medians(sys.argv[2], lambda row: (row["store"], row["slots"], row["engine"]), "checkpoints_per_second")
    for slots, title in [(1, "One session"), (64, "64 sessions")]:
        print(f"\n{title:12}{'the store':>14}{'engine alone':>14}{'of it':>8}{'in a worker':>14}{'of it':>8}")
        for store in stores:
            limit = limits[store, 1, 1] if slots == 1 else max(limits[store, 1, 64], limits[store, 2, 32])
            engine, worker = ours[store, slots, True], ours[store, slots, False]
            print(f"{store:12}{limit:14,.0f}{engine:14,.0f}{engine / limit:8.0%}{worker:14,.0f}{worker / limit:8.0%}")
