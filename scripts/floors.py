"""Imports go down only: each module stands on a floor of the house and imports what stands below it.

Prints a line for each import that does not, for each module whose floor is not written here, and ends with 1 if there was one.
(That an import is declared in Package.swift is checked by the build itself.)
"""

import pathlib
import re
import sys

FLOORS = [
    ["CPenstockHiredis", "CPenstockPostgres", "CPenstockMariaDB", "CPenstockSQLite", "CPenstockZstd", "CPenstockPlatform"],
    ["PenstockModel", "PenstockJSON", "PenstockSQL", "PenstockExecutors"],
    ["PenstockRedis", "PenstockPostgres", "PenstockMySQL", "PenstockSQLite", "PenstockZstd", "PenstockPlatform"],
    ["PenstockEngine", "PenstockQueue", "PenstockCheckpointers"],
    ["PenstockPool", "PenstockDeclared"],
    ["Penstock"],
    ["PenstockCLI", "PenstockExample"],
]
# On one floor, yet one above the other: words are written in JSON, and a pooled connection has an executor of its own.
STEPS = {("PenstockModel", "PenstockJSON"), ("PenstockSQL", "PenstockExecutors")}
# A flow author needs nothing else of ours.
AUTHORS = {"PenstockExample": {"Penstock"}}

FLOOR_OF = {module: floor for floor, modules in enumerate(FLOORS) for module in modules}
FOLDERS = {"Workers/Example": "PenstockExample"}
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)"
)


def fault_of(importer, imported):
    if imported not in FLOOR_OF:
        return f"{imported} has no floor in scripts/floors.py" if imported.lstrip("C").startswith("Penstock") else None
    if importer in AUTHORS and imported not in AUTHORS[importer]:
        return f"{importer} shows what a flow author writes, and may import {', '.join(AUTHORS[importer])} only"
    if FLOOR_OF[imported] < FLOOR_OF[importer] or (importer, imported) in STEPS:
        return None
    return f"{importer} (floor {FLOOR_OF[importer]}) imports {imported} (floor {FLOOR_OF[imported]}); imports go down only"


faults = 0
for folder in sorted([*pathlib.Path("Sources").iterdir(), *pathlib.Path("Workers").iterdir()]):
    module = FOLDERS.get(folder.as_posix(), folder.name)
    if module not in FLOOR_OF:
        print(f"{folder}:1: error: {module} has no floor in scripts/floors.py")
        faults += 1
        continue
    for file in sorted(folder.rglob("*.swift")):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            found = IMPORT.match(line)
            fault = found and found[1] != module and fault_of(module, found[1])
            if fault:
                print(f"{file}:{number}: error: {fault}")
                faults += 1
sys.exit(1 if faults else 0)
