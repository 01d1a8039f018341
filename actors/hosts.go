package actors

import (
	"context"
	"time"

	"passerelles/fault"
	"passerelles/storage"
)

const (
	softwareMemory = 7 * 24 * time.Hour // until a host is asked again what it runs
	firstRetry     = time.Hour          // doubled each time that it does not answer
	ringing        = time.Minute        // a host that was given is not given again before
	atOnce         = 50
	inboxGrace     = time.Hour // between the two 410 that end an inbox
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
	id, _, err := hostOf(ctx, tx, name, d.now())
	return id, err
}

// HostByName reads what is known of a host.
func (d *Directory) HostByName(ctx context.Context, name string) (Host, error) {
	return hostByName(ctx, d.db, name)
}

// DueHosts picks hosts whose software is to be learned; nobody else is given
// them during the next minute.
func (d *Directory) DueHosts(ctx context.Context, now time.Time) ([]string, error) {
	return ringHosts(ctx, d.db, now)
}

// LearnHost asks a host for its software; again after a week, later and later
// while it does not answer, which is no error.
func (d *Directory) LearnHost(ctx context.Context, name string) error {
	err := d.allowed(ctx, name)
	if fault.Is(err, fault.Forbidden) {
		return postponeHost(ctx, d.db, name, d.now())
	}
	if err != nil {
		return err
	}
	info, err := d.client.NodeInfo(ctx, name)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return postponeHost(ctx, d.db, name, d.now())
	}
	return learnHost(ctx, d.db, name, info, d.now())
}

// EndInbox notes that an inbox answered 410; the second time, an hour or more
// after the first, ends it.
func (d *Directory) EndInbox(ctx context.Context, tx storage.Tx, inbox int64, at time.Time) (ended bool, err error) {
	return endInbox(ctx, tx, inbox, at)
}

// ReviveInbox notes that an inbox takes deliveries after all.
func (d *Directory) ReviveInbox(ctx context.Context, q storage.Querier, inbox int64) error {
	return reviveInbox(ctx, q, inbox)
}
