package actors

import (
	"context"
	"time"

	"passerelles/storage"
)

// Host is another server.
type Host struct {
	ID                int64
	Name              string // host[:port], canonical
	Software, Version string // of its NodeInfo; "" while unknown
	Dialect           Dialect
}

// HostOf gives the row of a host, made on first sight.
func (d *Directory) HostOf(ctx context.Context, tx storage.Tx, name string) (int64, error) {
	return 0, errSoon
}

// HostByName reads what is known of a host.
func (d *Directory) HostByName(ctx context.Context, name string) (Host, error) {
	return Host{}, errSoon
}

// DueHosts picks hosts whose software is to be learned; nobody else is given
// them during the next minute.
func (d *Directory) DueHosts(ctx context.Context, now time.Time) ([]string, error) {
	return nil, errSoon
}

// LearnHost asks a host for its software; again after a week, later and later
// while it does not answer.
func (d *Directory) LearnHost(ctx context.Context, name string) error { return errSoon }

// EndInbox notes that an inbox answered 410; the second time, an hour or more
// after the first, ends it.
func (d *Directory) EndInbox(ctx context.Context, tx storage.Tx, inbox int64, at time.Time) (ended bool, err error) {
	return false, errSoon
}

// ReviveInbox notes that an inbox takes deliveries after all.
func (d *Directory) ReviveInbox(ctx context.Context, q storage.Querier, inbox int64) error {
	return errSoon
}
