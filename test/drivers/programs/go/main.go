// lib/pq under database/sql: placeholders, types, errors, COPY, transactions, notifications.
package main

import (
	"database/sql"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/lib/pq"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func check(what string, got, expected interface{}) {
	if fmt.Sprint(got) != fmt.Sprint(expected) {
		log.Fatalf("%s: got %v, expected %v", what, got, expected)
	}
}

func main() {
	dsn := os.Getenv("DSN") + "?sslmode=disable"
	db, err := sql.Open("postgres", dsn)
	must(err)
	_, err = db.Exec("CREATE TABLE typed (id serial PRIMARY KEY, i int, n numeric, t text, y bytea, ts timestamptz, a text[], b bool)")
	must(err)
	moment := time.Date(2024, 2, 29, 1, 2, 3, 4000, time.UTC)
	var id int
	must(db.QueryRow("INSERT INTO typed (i, n, t, y, ts, a, b) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
		7, "12.50", "it's ü", []byte{0, 255}, moment, pq.Array([]string{"a", `b"c`}), true).Scan(&id))
	check("id", id, 1)
	var text, number string
	var bytes []byte
	var at time.Time
	var tags []string
	must(db.QueryRow("SELECT n, t, y, ts, a FROM typed WHERE id = $1", id).Scan(&number, &text, &bytes, &at, pq.Array(&tags)))
	check("numeric", number, "12.50")
	check("text", text, "it's ü")
	check("bytes", bytes, []byte{0, 255})
	check("time", at.UTC(), moment)
	check("array", tags, []string{"a", `b"c`})

	_, err = db.Exec("INSERT INTO typed (id) VALUES (1)")
	failure := err.(*pq.Error)
	check("code", failure.Code, "23505")
	check("constraint", failure.Constraint, "typed_pkey")

	transaction, err := db.Begin()
	must(err)
	copying, err := transaction.Prepare(pq.CopyIn("typed", "i", "t"))
	must(err)
	for n := 0; n < 100; n++ {
		_, err = copying.Exec(n, fmt.Sprintf("row\t%d", n))
		must(err)
	}
	_, err = copying.Exec()
	must(err)
	must(copying.Close())
	must(transaction.Commit())
	var count int
	must(db.QueryRow("SELECT count(*) FROM typed").Scan(&count))
	check("copied", count, 101)

	prepared, err := db.Prepare("SELECT t FROM typed WHERE i = $1 AND t LIKE 'row%'")
	must(err)
	for n := 0; n < 20; n++ {
		must(prepared.QueryRow(n).Scan(&text))
		check("prepared", text, fmt.Sprintf("row\t%d", n))
	}

	listener := pq.NewListener(dsn, time.Second, time.Minute, nil)
	must(listener.Listen("news"))
	_, err = db.Exec("SELECT pg_notify('news', 'payload')")
	must(err)
	select {
	case notice := <-listener.Notify:
		check("payload", notice.Extra, "payload")
	case <-time.After(5 * time.Second):
		log.Fatal("no notification")
	}
	_, err = db.Exec("DROP TABLE typed")
	must(err)
	fmt.Println("passed")
}
