"""Runs queries as Supabase's Logs Explorer does, over lines of a log: JSON in, JSON out.

The engine is ClickHouse itself, as a Python extension. Its package is not imported as a whole, because
that would want pandas and pyarrow for what is not used here.
"""

import json
import os
import sys
import sysconfig
import tempfile
from multiprocessing import Pool

# The columns of the explorer's one table.
COLUMNS = (
    "id String, timestamp DateTime64(6), event_message String, "
    "severity_text String, source String, log_attributes Map(String, String)"
)


def answer(query: str, path: str):
    """In a process of its own: the engine takes one query in its life."""
    sys.path.insert(0, os.path.join(sysconfig.get_paths()["purelib"], "chdb"))
    import _chdb

    table = f"with logs as (select * from file('{path}', 'JSONEachRow', '{COLUMNS}')) "
    result = _chdb.query(table + query, "JSON")
    if result.has_error():
        raise RuntimeError(f"{result.error_message()}\n{query}")
    return json.loads(result.bytes())["data"]


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        for row in asked["rows"]:
            file.write(json.dumps(row) + "\n")
        file.flush()
        with Pool(2, maxtasksperchild=1) as pool:
            calls = [(query, file.name) for query in asked["queries"]]
            json.dump(pool.starmap(answer, calls, chunksize=1), sys.stdout)
