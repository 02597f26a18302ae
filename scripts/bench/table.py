"""Prints medians of the lines that limits and run write.

    table.py LIMITS [PENSTOCK]

LIMITS has a store's own saves a second, PENSTOCK those of flows that a worker ran in it; with both come their ratios.
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
columns = [("one a commit", 1, 1), ("64 a commit", 1, 64), ("64, two clients", 2, 64)]
print("\nSaves a second, medians:\n")
print(f"{'store':10}" + "".join(f"{title:>18}" for title, _, _ in columns))
for store in stores:
    print(f"{store:10}" + "".join(f"{limits[store, clients, sessions]:18,.0f}" for _, clients, sessions in columns))

if len(sys.argv) > 2:
    ours = medians(sys.argv[2], lambda row: (row["store"], row["slots"]), "checkpoints_per_second")
    print(f"\n{'store':10}{'one session':>18}{'of its limit':>18}{'64 sessions':>18}{'of its limit':>18}")
    for store in stores:
        one, many = ours[store, 1], ours[store, 64]
        best = max(limits[store, 1, 64], limits[store, 2, 64])
        print(f"{store:10}{one:18,.0f}{one / limits[store, 1, 1]:18.0%}{many:18,.0f}{many / best:18.0%}")
