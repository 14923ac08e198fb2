"""psycopg 3 (libpq, extended protocol): binary results, pipelines, COPY of both kinds, server cursors, notifications."""
import datetime
import decimal
import os
import uuid

import psycopg
from psycopg.types.json import Jsonb

connection = psycopg.connect(os.environ["DSN"])
utc = datetime.timezone.utc
values = (
    7, 2**40, decimal.Decimal("12.50"), 1.5, True, "it's ü", b"\x00\xff\\",
    datetime.date(2024, 2, 29), datetime.time(23, 59, 59, 999999),
    datetime.datetime(2024, 2, 29, 1, 2, 3, 4), datetime.datetime(2024, 2, 29, 1, 2, 3, 4, utc),
    datetime.timedelta(days=3, seconds=4), uuid.UUID(int=1), [1, 2, 3], ["a", 'b"c'],
)
types = (
    "int", "bigint", "numeric(8,2)", "float8", "bool", "text", "bytea", "date", "time",
    "timestamp", "timestamptz", "interval", "uuid", "int[]", "text[]",
)
columns = ", ".join(f"c{i} {t}" for i, t in enumerate(types))
connection.execute(f"CREATE TABLE typed ({columns}, j jsonb)")
for kind in ("%s", "%t", "%b"):
    places = ", ".join([kind] * len(values) + ["%s"])
    connection.execute(f"INSERT INTO typed VALUES ({places})", (*values, Jsonb({"a": [1]})))
for binary in (False, True):
    for row in connection.cursor(binary=binary).execute("SELECT * FROM typed"):
        assert row == (*values, {"a": [1]}), row

# A statement is prepared on its sixth run.
for number in range(12):
    assert connection.execute("SELECT %s::int + 1", (number,)).fetchone() == (number + 1,)
assert connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()[0] >= 1
connection.commit()

# Savepoints and errors.
with connection.transaction():
    connection.execute("CREATE TABLE keyed (id int PRIMARY KEY)")
    try:
        with connection.transaction():
            connection.execute("INSERT INTO keyed VALUES (1), (1)")
        raise AssertionError("no error")
    except psycopg.errors.UniqueViolation as error:
        assert error.diag.message_detail == "Key (id)=(1) already exists."
    connection.execute("INSERT INTO keyed VALUES (2)")

# COPY in text and binary.
with connection.cursor() as cursor:
    with cursor.copy("COPY keyed FROM STDIN") as copy:
        for number in range(10, 20):
            copy.write_row((number,))
    with cursor.copy("COPY keyed FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(["int4"])
        for number in range(20, 30):
            copy.write_row((number,))
    with cursor.copy("COPY (SELECT id FROM keyed ORDER BY id) TO STDOUT (FORMAT binary)") as copy:
        copy.set_types(["int4"])
        assert [n for (n,) in copy.rows()] == [2, *range(10, 30)]
    with cursor.copy("COPY (SELECT id FROM keyed ORDER BY id LIMIT 2) TO STDOUT") as copy:
        assert b"".join(bytes(block) for block in copy) == b"2\n10\n"
connection.commit()

# Server cursors.
with connection.cursor("walk", scrollable=True) as cursor:
    cursor.execute("SELECT id FROM keyed WHERE id > %s ORDER BY id", (9,))
    assert [n for (n,) in cursor.fetchmany(3)] == [10, 11, 12]
    cursor.scroll(-1)
    assert cursor.fetchone() == (12,)
connection.commit()

# Pipelines (libpq 14).
if psycopg.capabilities.has_pipeline() if hasattr(psycopg, "capabilities") else psycopg.Pipeline.is_supported():
    with connection.pipeline():
        results = [connection.execute("SELECT %s::int", (n,)) for n in range(20)]
    assert [result.fetchone()[0] for result in results] == list(range(20))
connection.commit()

# executemany.
with connection.cursor() as cursor:
    cursor.executemany("INSERT INTO keyed VALUES (%s) RETURNING id", [(100,), (101,)], returning=True)
    found = [cursor.fetchone()[0]]
    while cursor.nextset():
        found.append(cursor.fetchone()[0])
    assert found == [100, 101]
connection.commit()

# Notifications.
listener = psycopg.connect(os.environ["DSN"], autocommit=True)
listener.execute("LISTEN news")
connection.execute("SELECT pg_notify('news', 'payload')")
connection.commit()
notice = next(listener.notifies())
assert (notice.channel, notice.payload) == ("news", "payload")

# Two-phase commit.
transaction = connection.xid(7, "global", "branch")
connection.tpc_begin(transaction)
connection.execute("INSERT INTO keyed VALUES (500)")
connection.tpc_prepare()
connection.tpc_rollback()
assert connection.execute("SELECT count(*) FROM keyed WHERE id = 500").fetchone() == (0,)
connection.rollback()

connection.execute("DROP TABLE typed, keyed")
connection.commit()
print("passed")
