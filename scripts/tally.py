"""Counts the tests of runs from Swift Testing's streams of events.

    tally.py FOLDER STATUS [DRIVER…]

Each file in FOLDER is the stream of a run; STATUS is what the runs and the checks before them ended with; each DRIVER is a name that
must have run a test. A test with several arguments counts once for each, and once for each run. Prints the tests on each driver, what failed, and as its last line
`N passed, N failed`; what is wrong beside the tests counts as one failure. Ends with 1 unless all is well.
"""

import collections
import json
import pathlib
import sys

DRIVERS = {"memory", "sqlite", "redis", "postgres", "mysql", "mariadb", "compressing", "replicated",
           "replicated async", "replicated postgres+mariadb", "replicated postgres+mysql"}

folder, status, expected = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
functions, started, ended, failed, skipped = {}, set(), set(), set(), []

# Not splitlines: it breaks at characters that stand unescaped in JSON.
streams = {path.name: path.read_text(encoding="utf-8").split("\n") for path in sorted(folder.iterdir())}
for stream, line in ((stream, line) for stream, lines in streams.items() for line in lines):
    try:
        record = json.loads(line)
    except ValueError:
        continue  # Empty, or the run died while it wrote this line.
    payload = record["payload"]
    if record["kind"] == "test":
        if payload["kind"] == "function":
            functions[payload["id"]] = payload
        continue
    case = payload.get("_testCase") or {}
    run = (payload.get("testID"), case.get("displayName", ""), case.get("id", ""), stream)
    match payload["kind"]:
        case "testCaseStarted":
            started.add(run)
        case "testCaseEnded":
            ended.add(run)
        case "testStarted" if run[0] in functions and not functions[run[0]]["isParameterized"]:
            started.add(run)
        case "testEnded" if run[0] in functions and not functions[run[0]]["isParameterized"]:
            ended.add(run)
        case "testSkipped":
            skipped.append(payload["testID"])
        case "issueRecorded" if not payload["issue"].get("isKnown") and payload["issue"].get("severity") != "warning":
            failed.add(run)

failed |= started - ended
on_driver = collections.Counter(
    word for _, arguments, *_ in ended for word in {part.strip('" ') for part in arguments.split(",")} & DRIVERS
)
if on_driver:
    print("on each driver: " + ", ".join(f"{driver} {count}" for driver, count in sorted(on_driver.items())))
suites = collections.Counter((name or "").split(".")[0] for name, *_ in ended)
for suite, count in sorted(suites.items()):
    print(f"  {suite}: {count}")

for name, arguments, *_ in sorted(failed, key=str):
    print(f"failed: {name or 'outside a test'}" + (f" with {arguments}" if arguments else ""))
beside = [f"skipped: {name}" for name in skipped]
beside += [f"no test ran on {driver}" for driver in expected if driver not in on_driver]
if not ended:
    beside.append("no test ran")
elif status and not failed:
    beside.append(f"a check failed, or the run ended with {status}")
for complaint in beside:
    print(f"failed: {complaint}")

failures = len(failed) + len(beside)
print(f"{len(ended - failed)} passed, {failures} failed")
sys.exit(1 if failures or status else 0)
