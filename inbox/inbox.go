// Package inbox is the door for other servers' activities.
//
// Receive checks who sends (receive.go, verify.go) and records the activity in one
// transaction before it answers 202. Drainers (process.go), rung by package jobs, apply
// what was recorded: each type has its file and stands in the table of apply.go, which
// first prepares, fetching what is missing (reach.go), then writes in one transaction.
// New posts, which are nearly all that comes, are written many at once (together.go).
// What needs no network never waits for what does: they have queues of their own.
package inbox

import (
	"cmp"
	"log/slog"
	"net/http"
	"time"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation"
	"passerelles/history"
	"passerelles/jobs"
	"passerelles/moderation"
	"passerelles/outbox"
	"passerelles/posts"
	"passerelles/storage"
)

// Options are the parts that an inbox is made of.
type Options struct {
	DB          *storage.DB
	Directory   *actors.Directory
	Client      *federation.Client
	Hosts       *access.Hosts
	Engine      *jobs.Engine // rung after each receipt; nil: only its polls
	Accounts    *accounts.Service
	Communities *communities.Service
	Posts       *posts.Service
	History     *history.Service
	Moderation  *moderation.Service
	Courier     *outbox.Courier // told that a host is awake; nil: nobody
	IRIs        federation.IRIs

	MaxBody  int64         // bytes of a body, 1 MiB if 0
	Drainers int           // at once in this process, of each queue; 8 if 0
	MaxLag   time.Duration // how far applying may fall behind before senders wait; 1 s if 0

	// Counted hears of each receipt ("received", "refused 401"…) and of each end
	// ("applied", "ignored"…) with the activity's type; nil: nobody.
	Counted func(outcome, kind string)

	// Vain hears of each request whose key could not be had: it may have made us ask
	// another server for nothing; nil: nobody.
	Vain func(r *http.Request)

	Now func() time.Time
	Log *slog.Logger
}

// Inbox takes what other servers send.
type Inbox struct {
	Options
	gate     gate
	records  *storage.Combiner[receipt, bool]
	verbs    map[string]verb
	quick    *team
	slow     *team
	solitude jobs.Solitude
}

// New makes an inbox.
func New(o Options) *Inbox {
	o.MaxBody = cmp.Or(o.MaxBody, 1<<20)
	o.Drainers = cmp.Or(o.Drainers, 8)
	o.MaxLag = cmp.Or(o.MaxLag, time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Counted == nil {
		o.Counted = func(string, string) {}
	}
	if o.Vain == nil {
		o.Vain = func(*http.Request) {}
	}
	in := &Inbox{
		Options: o,
		gate:    gate{limit: o.MaxLag},
		verbs:   apply,
		quick:   newTeam("inbox", o.Drainers),
		slow:    newTeam("inbox_slow", o.Drainers),
	}
	in.records = storage.NewCombiner(64, in.recordTogether)
	return in
}

// Sources are what package jobs rings for.
func (in *Inbox) Sources() []jobs.Source {
	return []jobs.Source{
		{Kind: "inbox", Due: in.due, Answer: in.answer},
	}
}
