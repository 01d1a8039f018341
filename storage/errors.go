package storage

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"passerelles/fault"
)

// retryAfter is what we ask of those who come while the database is away.
const retryAfter = 10 * time.Second

// errSlow is the cause of a fault when no connection came free in time.
var errSlow = errors.New("no database connection within " + acquireTimeout.String())

// NotFound makes of "no rows" a fault.NotFound with this sentence; other errors pass.
func NotFound(err error, msg string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.Wrap(fault.NotFound, msg, err)
	}
	return err
}

// Conflict makes of a violation of this unique constraint (or exclusion) a
// fault.Conflict with this sentence; other errors pass.
func Conflict(err error, constraint, msg string) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == constraint && (pg.Code == "23505" || pg.Code == "23P01") {
		return fault.Wrap(fault.Conflict, msg, err)
	}
	return err
}

// Away says whether err means that the database cannot be used for now:
// unreachable, stopping, starting, full or hung. The end of the caller's own
// context is not that.
func Away(err error) bool {
	var pg *pgconn.PgError
	var connect *pgconn.ConnectError
	var network *net.OpError
	switch {
	case err == nil:
		return false
	case fault.Is(err, fault.Unavailable):
		return true
	case errors.As(err, &pg):
		return awayCode(pg.Code)
	case errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &connect), errors.Is(err, errSlow):
		return true
	case errors.Is(err, context.DeadlineExceeded):
		return false
	}
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, puddle.ErrClosedPool) || connClosed(err)
}

// awayCode reads an SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
func awayCode(code string) bool {
	switch code {
	case "57P01", "57P02", "57P03", "57P05", // stopping, crashed, starting, idle too long
		"25006", "25P03", // a standby since a fail-over; idle too long in a transaction
		"3D000", "28000", "28P01": // being restored or moved: the database or the role is not there
		return true
	}
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53") // connection; no room left
}

// connClosed knows an error that pgconn does not export: a query on a connection
// that broke before, say the second one of a transaction.
func connClosed(err error) bool {
	return pgconn.SafeToRetry(err) && strings.Contains(err.Error(), "conn closed")
}

// again says whether the same transaction, run once more, may well succeed:
// a serialization failure or a deadlock.
func again(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// translate makes of an error that says "away" the fault for readers.
func translate(err error) error {
	if !Away(err) || fault.Is(err, fault.Unavailable) {
		return err
	}
	return &fault.Error{
		Kind: fault.Unavailable, Msg: "The database is away, try again soon.", After: retryAfter, Err: err,
	}
}
