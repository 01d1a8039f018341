package storage

import (
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// heldRows gives its connection back once read, and translates errors.
type heldRows struct {
	pgx.Rows
	release func()
	once    sync.Once
}

func (r *heldRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *heldRows) Close() {
	r.Rows.Close()
	r.once.Do(r.release)
}

func (r *heldRows) Scan(dest ...any) error {
	err := r.Rows.Scan(dest...)
	if err != nil {
		r.Close() // as pgx: a failed Scan ends the rows
	}
	return translate(err)
}

func (r *heldRows) Values() ([]any, error) {
	values, err := r.Rows.Values()
	return values, translate(err)
}

func (r *heldRows) Err() error { return translate(r.Rows.Err()) }

// row reads the first of its rows.
type row struct{ rows pgx.Rows }

func (r row) Scan(dest ...any) error {
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}

// noRows stands for the rows of a query that could not be sent.
type noRows struct{ err error }

func (noRows) Close()                                       {}
func (r noRows) Err() error                                 { return r.err }
func (noRows) CommandTag() pgconn.CommandTag                { return pgconn.CommandTag{} }
func (noRows) FieldDescriptions() []pgconn.FieldDescription { return nil }
func (noRows) Next() bool                                   { return false }
func (r noRows) Scan(...any) error                          { return r.err }
func (r noRows) Values() ([]any, error)                     { return nil, r.err }
func (noRows) RawValues() [][]byte                          { return nil }
func (noRows) Conn() *pgx.Conn                              { return nil }
func (noRows) TypeMap() *pgtype.Map                         { return nil }

// heldResults gives its connection back once closed, and translates errors.
type heldResults struct {
	pgx.BatchResults
	release func()
	once    sync.Once
}

func (b *heldResults) Exec() (pgconn.CommandTag, error) {
	tag, err := b.BatchResults.Exec()
	return tag, translate(err)
}

func (b *heldResults) Query() (pgx.Rows, error) {
	rows, err := b.BatchResults.Query()
	if err != nil {
		return noRows{translate(err)}, translate(err)
	}
	return &heldRows{Rows: rows, release: func() {}}, nil // the batch keeps the connection
}

func (b *heldResults) QueryRow() pgx.Row {
	rows, _ := b.Query() // Scan returns Query's error
	return row{rows}
}

func (b *heldResults) Close() error {
	err := b.BatchResults.Close()
	b.once.Do(b.release)
	return translate(err)
}

// noResults stands for the results of a batch that could not be sent.
type noResults struct{ err error }

func (b noResults) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, b.err }
func (b noResults) Query() (pgx.Rows, error)         { return noRows(b), b.err }
func (b noResults) QueryRow() pgx.Row                { return row{noRows(b)} }
func (b noResults) Close() error                     { return b.err }
func (noResults) Tx() pgx.Tx                         { return nil }
