// pgJDBC: simple and prepared statements, binary transfer, batches, fetch size, savepoints, generated keys,
// COPY, notifications, and what DatabaseMetaData asks of the catalog.
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.copy.CopyManager;

public class JdbcDriver {
  static void check(String what, Object got, Object expected) {
    if (!Objects.equals(got, expected)) throw new AssertionError(what + ": got " + got + ", expected " + expected);
  }

  static List<String> column(ResultSet rows, String name) throws SQLException {
    List<String> found = new ArrayList<>();
    while (rows.next()) found.add(rows.getString(name));
    return found;
  }

  public static void main(String[] args) throws Exception {
    String url = System.getenv("DSN").replace("postgresql://postgres@", "jdbc:postgresql://");
    Properties properties = new Properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("prepareThreshold", "2");
    try (Connection connection = DriverManager.getConnection(url, properties)) {
      types(connection);
      transactions(connection);
      batches(connection);
      copyAndNotify(connection);
      metadata(connection);
      try (Statement statement = connection.createStatement()) {
        statement.execute("DROP VIEW shown; DROP TABLE child, typed");
      }
    }
    System.out.println("passed");
  }

  static void types(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE typed (id serial PRIMARY KEY, i int, l bigint, n numeric(10,2), d float8, b bool, t text, y bytea, da date, ts timestamp, tz timestamptz, u uuid, a int[], j jsonb)");
      statement.execute("COMMENT ON COLUMN typed.t IS 'a text'");
    }
    UUID uuid = new UUID(1, 2);
    try (PreparedStatement insert = connection.prepareStatement(
        "INSERT INTO typed (i, l, n, d, b, t, y, da, ts, tz, u, a, j) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?::jsonb)", Statement.RETURN_GENERATED_KEYS)) {
      for (int round = 1; round <= 5; round++) {
        insert.setInt(1, round);
        insert.setLong(2, 1L << 40);
        insert.setBigDecimal(3, new BigDecimal("12.50"));
        insert.setDouble(4, 1.5);
        insert.setBoolean(5, true);
        insert.setString(6, "it's ü");
        insert.setBytes(7, new byte[] {0, -1});
        insert.setDate(8, java.sql.Date.valueOf("2024-02-29"));
        insert.setTimestamp(9, Timestamp.valueOf("2024-02-29 01:02:03.000004"));
        insert.setObject(10, java.time.OffsetDateTime.parse("2024-02-29T01:02:03Z"));
        insert.setObject(11, uuid);
        insert.setArray(12, connection.createArrayOf("int4", new Integer[] {1, null, 3}));
        insert.setString(13, "{\"a\": 1}");
        check("rows", insert.executeUpdate(), 1);
        try (ResultSet keys = insert.getGeneratedKeys()) {
          keys.next();
          check("key", keys.getInt("id"), round);
        }
      }
    }
    try (PreparedStatement select = connection.prepareStatement("SELECT * FROM typed WHERE i = ?")) {
      for (int round = 1; round <= 5; round++) {
        select.setInt(1, round);
        try (ResultSet row = select.executeQuery()) {
          row.next();
          check("long", row.getLong("l"), 1L << 40);
          check("numeric", row.getBigDecimal("n"), new BigDecimal("12.50"));
          check("text", row.getString("t"), "it's ü");
          check("bytes", row.getBytes("y")[1], (byte) -1);
          check("date", row.getDate("da").toString(), "2024-02-29");
          check("timestamp", row.getTimestamp("ts").toString(), "2024-02-29 01:02:03.000004");
          check("timestamptz", row.getObject("tz", java.time.OffsetDateTime.class).toInstant().toString(), "2024-02-29T01:02:03Z");
          check("uuid", row.getObject("u"), uuid);
          check("array", Arrays.toString((Integer[]) row.getArray("a").getArray()), "[1, null, 3]");
          check("json", row.getString("j"), "{\"a\": 1}");
          check("generated", row.getMetaData().isAutoIncrement(1), true);
          check("table", row.getMetaData().getTableName(1), "typed");
        }
      }
    }
  }

  static void transactions(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
    try (Statement statement = connection.createStatement()) {
      Savepoint savepoint = connection.setSavepoint("here");
      try {
        statement.execute("INSERT INTO typed (id) VALUES (1)");
        throw new AssertionError("no error");
      } catch (SQLException error) {
        check("state", error.getSQLState(), "23505");
      }
      connection.rollback(savepoint);
      statement.setFetchSize(3);
      try (ResultSet rows = statement.executeQuery("SELECT generate_series(1, 10)")) {
        int count = 0;
        while (rows.next()) count++;
        check("fetched", count, 10);
      }
    }
    connection.commit();
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    connection.setReadOnly(true);
    try (Statement statement = connection.createStatement()) {
      statement.execute("DELETE FROM typed");
      throw new AssertionError("no error");
    } catch (SQLException error) {
      check("state", error.getSQLState(), "25006");
    }
    connection.rollback();
    connection.setReadOnly(false);
    connection.setAutoCommit(true);
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      statement.execute("SELECT pg_sleep(20)");
      throw new AssertionError("no error");
    } catch (SQLException error) {
      check("cancelled", error.getSQLState(), "57014");
    }
  }

  static void batches(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE child (id int PRIMARY KEY, typed_id int NOT NULL REFERENCES typed (id) ON DELETE CASCADE, code varchar(10) DEFAULT 'x')");
      statement.execute("CREATE INDEX child_code ON child (code, typed_id DESC)");
      statement.execute("CREATE VIEW shown AS SELECT id, code FROM child");
    }
    try (PreparedStatement insert = connection.prepareStatement("INSERT INTO child VALUES (?, ?, ?)")) {
      for (int n = 0; n < 300; n++) {
        insert.setInt(1, n);
        insert.setInt(2, 1 + n % 5);
        insert.setString(3, "c" + n);
        insert.addBatch();
      }
      check("batch", insert.executeBatch().length, 300);
    }
    try (Statement scroll = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
        ResultSet rows = scroll.executeQuery("SELECT id, typed_id, code FROM child ORDER BY id")) {
      rows.absolute(2);
      rows.updateString("code", "changed");
      rows.updateRow();
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT code FROM child WHERE id = 1")) {
      rows.next();
      check("updated", rows.getString(1), "changed");
    }
  }

  static void copyAndNotify(Connection connection) throws Exception {
    CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
    check("copy in", copy.copyIn("COPY child FROM STDIN CSV", new StringReader("1000,1,a\n1001,1,\"b,c\"\n")), 2L);
    StringWriter text = new StringWriter();
    copy.copyOut("COPY (SELECT code FROM child WHERE id >= 1000 ORDER BY id) TO STDOUT CSV", text);
    check("copy out", text.toString(), "a\n\"b,c\"\n");
    try (Statement statement = connection.createStatement()) {
      statement.execute("LISTEN news; NOTIFY news, 'payload'");
      PGNotification[] notes = connection.unwrap(PGConnection.class).getNotifications(1000);
      check("notification", notes[0].getParameter(), "payload");
    }
  }

  static void metadata(Connection connection) throws SQLException {
    DatabaseMetaData data = connection.getMetaData();
    check("product", data.getDatabaseProductName(), "PostgreSQL");
    check("major", data.getDatabaseMajorVersion(), 15);
    check("tables", column(data.getTables(null, "public", "%", new String[] {"TABLE"}), "TABLE_NAME"), List.of("child", "typed"));
    check("views", column(data.getTables(null, "public", "%", new String[] {"VIEW"}), "TABLE_NAME"), List.of("shown"));
    try (ResultSet rows = data.getColumns(null, "public", "typed", "%")) {
      rows.next();
      check("type", rows.getString("TYPE_NAME"), "serial");
      check("autoincrement", rows.getString("IS_AUTOINCREMENT"), "YES");
      for (int n = 0; n < 6; n++) rows.next();
      check("remarks", rows.getString("REMARKS"), "a text");
    }
    check("key", column(data.getPrimaryKeys(null, "public", "typed"), "COLUMN_NAME"), List.of("id"));
    check("imported", column(data.getImportedKeys(null, "public", "child"), "FKCOLUMN_NAME"), List.of("typed_id"));
    check("exported", column(data.getExportedKeys(null, "public", "typed"), "FKTABLE_NAME"), List.of("child"));
    check("indexes", column(data.getIndexInfo(null, "public", "child", false, true), "INDEX_NAME"), List.of("child_pkey", "child_code", "child_code"));
    check("best row", column(data.getBestRowIdentifier(null, "public", "child", DatabaseMetaData.bestRowSession, true), "COLUMN_NAME"), List.of("id"));
    if (!column(data.getSchemas(), "TABLE_SCHEM").containsAll(List.of("public", "pg_catalog", "information_schema"))) throw new AssertionError("schemas");
    if (column(data.getTypeInfo(), "TYPE_NAME").size() < 50) throw new AssertionError("types");
    if (column(data.getFunctions(null, "pg_catalog", "abs"), "FUNCTION_NAME").size() < 5) throw new AssertionError("functions");
    check("function columns", column(data.getFunctionColumns(null, "pg_catalog", "lower", "%"), "TYPE_NAME").contains("text"), true);
    check("privileges", column(data.getTablePrivileges(null, "public", "child"), "PRIVILEGE").contains("SELECT"), true);
    check("column privileges", column(data.getColumnPrivileges(null, "public", "child", "id"), "PRIVILEGE").contains("SELECT"), true);
    data.getCatalogs().close();
    data.getTableTypes().close();
    data.getProcedures(null, "public", "%").close();
    data.getProcedureColumns(null, "public", "%", "%").close();
    data.getUDTs(null, "public", "%", null).close();
    data.getVersionColumns(null, "public", "child").close();
    data.getCrossReference(null, "public", "typed", null, "public", "child").close();
    data.getClientInfoProperties().close();
    if (data.getSQLKeywords().isEmpty() || data.getNumericFunctions().isEmpty()) throw new AssertionError("keywords");
    check("name length", data.getMaxColumnNameLength(), 63);
  }
}
