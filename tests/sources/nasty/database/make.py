"""Make the SQLite files of this folder: `python make.py`. Each has one trouble; what is expected is written by hand beside it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

HERE = Path(__file__).parent

FILES = {
    "gbk": "CREATE TABLE 客户 (id INTEGER PRIMARY KEY, 名称 TEXT);"
    "INSERT INTO 客户 VALUES (1, '甲公司'), (2, CAST(x'd2d2b9abcbbe' AS TEXT)), (3, CAST(x'ff' AS TEXT));",
    "mixed-types": "CREATE TABLE t (id INTEGER PRIMARY KEY, v, d DATE, r REAL);"
    "INSERT INTO t VALUES (1, '000123', '2023-05-01', 0.1), (2, 123, 'not a date', 1200), (3, 1.50, 20230501, 1e300), (4, x'00ff', NULL, NULL),"
    " (5, 9223372036854775807, '', 'viel'), (6, 'NA', '6月31日', -0.5);",
    "reserved-words": 'CREATE TABLE "select" ("from" TEXT PRIMARY KEY, "order by" TEXT, "a""b" TEXT, "100%" TEXT, "换\n行" TEXT, "" TEXT);'
    "INSERT INTO \"select\" VALUES ('1', 'a', 'b', 'c', 'd', 'e');",
    "nul-in-text": "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, '甲' || char(0) || '乙'), (2, char(10) || ' x ');",
    "without-key": "CREATE TABLE t (v TEXT); INSERT INTO t VALUES ('b'), ('a'), ('b');",
    "null-in-key": "CREATE TABLE t (k TEXT PRIMARY KEY, v TEXT); INSERT INTO t VALUES (NULL, 'a'), (NULL, 'b'), ('x', 'c'), ('', 'd');",
    "composite-key": "CREATE TABLE t (a TEXT, b TEXT, v TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;"
    "INSERT INTO t VALUES ('x/y', 'z', '1'), ('x', 'y/z', '2');",
    "generated-and-view": "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, twice AS (n * 2), thrice AS (n * 3) STORED);"
    "INSERT INTO t (id, n) VALUES (1, 21); CREATE VIEW seen AS SELECT n FROM t;",
    "same-column-twice": "CREATE TABLE t (id INTEGER PRIMARY KEY, \"名称\" TEXT, \"名称 \" TEXT); INSERT INTO t VALUES (1, 'a', 'b');",
    "no-rows": "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);",
    "no-tables": "PRAGMA user_version = 1;",
    "cut-off": "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
    " INSERT INTO t SELECT i, 'wert wert wert wert ' || i FROM n;",
}


def make(name: str, script: str) -> None:
    """Write one file, small pages, the same bytes each time."""
    path = HERE / f"{name}.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA page_size = 512; VACUUM;" + script)
    connection.close()
    if name == "cut-off":
        path.write_bytes(path.read_bytes()[:-1536])


if __name__ == "__main__":
    for file, statements in FILES.items():
        make(file, statements)
