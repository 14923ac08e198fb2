"""psycopg2 (libpq, simple protocol): types, errors, transactions, COPY, cursors, notifications, two-phase commit."""
import datetime
import decimal
import io
import os
import uuid

import psycopg2
import psycopg2.errors
import psycopg2.extensions
import psycopg2.extras

connection = psycopg2.connect(os.environ["DSN"])
cursor = connection.cursor()
psycopg2.extras.register_uuid()


def one(sql, parameters=None):
    cursor.execute(sql, parameters)
    return cursor.fetchone()


assert connection.server_version >= 150000
assert connection.get_parameter_status("standard_conforming_strings") == "on"

# Types, there and back.
utc = datetime.timezone.utc
values = [
    7,
    2**40,
    decimal.Decimal("12.50"),
    1.5,
    True,
    "it's ü",
    b"\x00\xff\\",
    datetime.date(2024, 2, 29),
    datetime.time(23, 59, 59, 999999),
    datetime.datetime(2024, 2, 29, 1, 2, 3, 4),
    datetime.datetime(2024, 2, 29, 1, 2, 3, 4, utc),
    datetime.timedelta(days=3, seconds=4),
    uuid.UUID(int=1),
    [1, None, 3],
    ["a", 'b"c', None],
]
types = [
    "int", "bigint", "numeric(8,2)", "float8", "bool", "text", "bytea", "date", "time",
    "timestamp", "timestamptz", "interval", "uuid", "int[]", "text[]",
]
columns = ", ".join(f"c{i} {t}" for i, t in enumerate(types))
cursor.execute(f"CREATE TABLE typed (id serial PRIMARY KEY, {columns}, j jsonb)")
places = ", ".join(["%s"] * (len(values) + 1))
names = ", ".join(f"c{i}" for i in range(len(values)))
document = {"a": [1, None, {"b": "ü"}]}
cursor.execute(
    f"INSERT INTO typed ({names}, j) VALUES ({places}) RETURNING id",
    [*values, psycopg2.extras.Json(document)],
)
assert cursor.fetchone() == (1,)
row = one(f"SELECT {names}, j FROM typed")
for sent, got in zip([*values, document], row):
    got = bytes(got) if isinstance(got, memoryview) else got
    assert sent == got, (sent, got)
connection.commit()

# Errors carry their diagnostics and leave the transaction failed.
try:
    cursor.execute("INSERT INTO typed (id) VALUES (1)")
    raise AssertionError("no error")
except psycopg2.errors.UniqueViolation as error:
    assert error.diag.constraint_name == "typed_pkey"
    assert (error.diag.schema_name, error.diag.table_name) == ("public", "typed")
try:
    cursor.execute("SELECT 1")
    raise AssertionError("no error")
except psycopg2.errors.InFailedSqlTransaction:
    connection.rollback()
try:
    cursor.execute("SELECT nothing FROM typed")
except psycopg2.errors.UndefinedColumn as error:
    assert error.diag.statement_position == "8", error.diag.statement_position
connection.rollback()

# Isolation levels.
connection.set_session(isolation_level="SERIALIZABLE", readonly=True)
assert one("SHOW transaction_isolation") == ("serializable",)
try:
    cursor.execute("DELETE FROM typed")
    raise AssertionError("no error")
except psycopg2.errors.ReadOnlySqlTransaction:
    connection.rollback()
connection.set_session(isolation_level="DEFAULT", readonly=False)

# COPY.
cursor.execute("CREATE TABLE copied (a int, b text)")
cursor.copy_from(io.StringIO("1\tfoo\n2\t\\N\n3\ttab\\there\n"), "copied")
assert cursor.rowcount == 3
text = io.StringIO()
cursor.copy_to(text, "copied", null="NULL")
assert text.getvalue() == "1\tfoo\n2\tNULL\n3\ttab\\there\n"
text = io.StringIO()
cursor.copy_expert("COPY (SELECT * FROM copied ORDER BY a DESC) TO STDOUT WITH CSV HEADER", text)
assert text.getvalue() == "a,b\n3,tab\there\n2,\n1,foo\n"
connection.commit()
try:
    cursor.copy_from(io.StringIO("x\ty\n"), "copied")
    raise AssertionError("no error")
except psycopg2.errors.InvalidTextRepresentation as error:
    assert "COPY copied, line 1, column a" in error.diag.context
connection.rollback()

# Server-side cursors.
with connection.cursor("forward", withhold=True) as named:
    named.itersize = 10
    named.execute("SELECT generate_series(1, 25)")
    assert [n for (n,) in named] == list(range(1, 26))
with connection.cursor("both", scrollable=True) as named:
    named.execute("SELECT generate_series(1, 10)")
    assert named.fetchmany(3) == [(1,), (2,), (3,)]
    named.scroll(-2)
    assert named.fetchone() == (2,)
    named.scroll(9, mode="absolute")
    assert named.fetchone() == (10,)
connection.commit()

# Many rows at a time.
psycopg2.extras.execute_values(cursor, "INSERT INTO copied VALUES %s", [(n, "v") for n in range(250)])
psycopg2.extras.execute_batch(cursor, "INSERT INTO copied VALUES (%s, %s)", [(n, "b") for n in range(50)])
assert one("SELECT count(*) FROM copied") == (303,)
connection.commit()

# Notifications.
listener = psycopg2.connect(os.environ["DSN"])
listener.autocommit = True
listener.cursor().execute("LISTEN news")
cursor.execute("NOTIFY news, 'payload'")
connection.commit()
listener.cursor().execute("SELECT 1")
listener.poll()
[notice] = listener.notifies
assert (notice.pid, notice.channel, notice.payload) == (connection.info.backend_pid, "news", "payload")

# Two-phase commit.
transaction = connection.xid(42, "global", "branch")
connection.tpc_begin(transaction)
cursor.execute("INSERT INTO copied VALUES (1000, 'prepared')")
connection.tpc_prepare()
other = psycopg2.connect(os.environ["DSN"])
assert [x.gtrid for x in other.tpc_recover()] == ["global"]
other.rollback()
connection.tpc_commit()
assert one("SELECT count(*) FROM copied WHERE a = 1000") == (1,)
connection.commit()

# Cancel from another thread's point of view.
connection.cancel()
cursor.execute("SET statement_timeout = 50")
try:
    cursor.execute("SELECT pg_sleep(10)")
    raise AssertionError("no error")
except psycopg2.errors.QueryCanceled:
    connection.rollback()

cursor.execute("DROP TABLE typed, copied")
connection.commit()
print("passed")
