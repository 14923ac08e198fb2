"""asyncpg (binary everything): types, introspection of types, cursors, COPY, pool, cancellation."""
import asyncio
import datetime
import decimal
import io
import os
import uuid

import asyncpg

utc = datetime.timezone.utc
values = (
    7, 2**40, 3, decimal.Decimal("12.50"), 1.5, 1.25, True, "it's ü", b"\x00\xff\\",
    datetime.date(2024, 2, 29), datetime.time(23, 59, 59, 999999),
    datetime.time(1, 2, 3, tzinfo=utc), datetime.datetime(2024, 2, 29, 1, 2, 3, 4),
    datetime.datetime(2024, 2, 29, 1, 2, 3, 4, utc), datetime.timedelta(days=43, seconds=4),
    uuid.UUID(int=1), [1, None, 3], [["a", 'b"c'], [None, ""]], '{"a": [1, null]}', '{"a":1}', "abc",
)
types = (
    "int", "bigint", "smallint", "numeric(8,2)", "float8", "float4", "bool", "text", "bytea", "date",
    "time", "timetz", "timestamp", "timestamptz", "interval", "uuid", "int[]", "text[]", "jsonb",
    "json", "char(3)",
)


async def main():
    connection = await asyncpg.connect(os.environ["DSN"])
    assert connection.get_server_version().major == 15
    columns = ", ".join(f"c{i} {t}" for i, t in enumerate(types))
    await connection.execute(f"CREATE TABLE typed (id serial PRIMARY KEY, {columns})")
    places = ", ".join(f"${i + 1}" for i in range(len(values)))
    names = ", ".join(f"c{i}" for i in range(len(values)))
    row = await connection.fetchrow(
        f"INSERT INTO typed ({names}) VALUES ({places}) RETURNING *", *values
    )
    assert tuple(row)[1:] == values, row

    # Savepoints, errors.
    async with connection.transaction():
        try:
            async with connection.transaction():
                await connection.execute("INSERT INTO typed (id) VALUES (1)")
            raise AssertionError("no error")
        except asyncpg.UniqueViolationError as error:
            assert error.constraint_name == "typed_pkey"
    try:
        await connection.fetch("SELECT $1::int / 0", 1)
        raise AssertionError("no error")
    except asyncpg.DivisionByZeroError:
        pass

    # Portals of the protocol, which MOVE and FETCH name too.
    async with connection.transaction():
        seen = [r[0] async for r in connection.cursor("SELECT generate_series(1, $1::int)", 55, prefetch=10)]
        assert seen == list(range(1, 56))
        cursor = await connection.cursor("SELECT generate_series(1, 10)")
        assert [r[0] for r in await cursor.fetch(3)] == [1, 2, 3]
        assert await cursor.forward(2) == 2
        assert (await cursor.fetchrow())[0] == 6

    # COPY.
    records = [(n, f"r{n}") for n in range(200)]
    tag = await connection.copy_records_to_table("typed", records=records, columns=["c0", "c7"])
    assert tag == "COPY 200"
    out = io.BytesIO()
    await connection.copy_from_query(
        "SELECT c0, c7 FROM typed WHERE c7 = $1 ORDER BY 1", "r3", output=out, format="csv"
    )
    assert out.getvalue() == b"3,r3\n"
    out.seek(0)
    assert await connection.copy_to_table("typed", source=out, columns=["c0", "c7"], format="csv") == "COPY 1"

    await connection.executemany("INSERT INTO typed (c0, c7) VALUES ($1, $2)", [(n, "m") for n in range(300)])
    assert await connection.fetchval("SELECT count(*) FROM typed WHERE c7 = 'm'") == 300

    statement = await connection.prepare("SELECT $1::int + c0 AS total, c7 FROM typed WHERE c0 = $2")
    assert [t.name for t in statement.get_parameters()] == ["int4", "int4"]
    assert [(a.name, a.type.name) for a in statement.get_attributes()] == [("total", "int4"), ("c7", "text")]
    assert (await statement.explain(1, 2, analyze=True))[0]["Plan"]["Actual Rows"] >= 1

    # Types that the driver asks the catalog for.
    await connection.execute("CREATE TABLE pair (a int, b text)")
    record = await connection.fetchval("SELECT p FROM (VALUES (1, 'x')) AS v(a, b), LATERAL (SELECT v.a, v.b) AS p")
    assert tuple(record) == (1, "x")

    # Notifications, cancellation, reset.
    received = asyncio.Queue()
    await connection.add_listener("news", lambda *call: received.put_nowait(call))
    await connection.execute("NOTIFY news, 'payload'")
    assert (await asyncio.wait_for(received.get(), 5))[2:] == ("news", "payload")
    await connection.reset()
    try:
        await connection.fetch("SELECT pg_sleep(10)", timeout=0.2)
        raise AssertionError("no error")
    except asyncio.TimeoutError:
        pass
    assert await connection.fetchval("SELECT 1") == 1

    async with asyncpg.create_pool(os.environ["DSN"], min_size=2, max_size=4) as pool:
        results = await asyncio.gather(*[pool.fetchval("SELECT $1::int", n) for n in range(40)])
        assert results == list(range(40))

    await connection.execute("DROP TABLE typed, pair")
    await connection.close()
    print("passed")


asyncio.run(main())
