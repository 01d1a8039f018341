package bench

import (
	"crypto/rsa"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/federation"
	"passerelles/storage"
)

// others are people on other servers who follow the community or write to it.
// They share one pair of keys, each under an id of its own.
type others struct {
	crowd         *crowd
	first, hosts  int // numbers of their servers
	people        int // in all, spread over the servers
	follow, write bool
	join          bool // they are members
	resting       bool // nothing is delivered to them for now
}

func (o others) person(i int) string {
	return fmt.Sprintf("https://%s/users/p%d", o.crowd.name(o.first+i%o.hosts), i)
}

// settle writes them straight into the tables, as if they had been met before.
func (h *house) settle(o others, key *rsa.PrivateKey) {
	h.t.Helper()
	pem, err := federation.PublicPEM(&key.PublicKey)
	if err != nil {
		h.t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	names := make([]string, o.hosts)
	for i := range names {
		names[i] = o.crowd.name(o.first + i)
	}
	iris, ids, homes := make([]string, o.people), make([]int64, o.people), make([]string, o.people)
	for i := range o.people {
		iris[i], homes[i] = o.person(i), o.crowd.name(o.first+i%o.hosts)
		ids[i] = storage.NewID(now.Add(-time.Duration(i+1) * time.Millisecond)) // one for each millisecond: no two are the same
	}
	err = h.inside.DB.Write(h.t.Context(), func(tx storage.Tx) error {
		b := &pgx.Batch{}
		args := pgx.NamedArgs{"names": names, "now": now, "iris": iris, "ids": ids, "homes": homes, "pem": pem,
			"community": h.community.Actor.ID, "follow": o.follow, "join": o.join, "write": o.write, "resting": o.resting}
		for _, statement := range settling {
			b.Queue(statement, args)
		}
		return tx.SendBatch(h.t.Context(), b).Close()
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.exec("ANALYZE")
}

// They speak Lemmy's dialect, so that each post goes to each server in one form.
var settling = []string{
	`INSERT INTO hosts (name, software, dialect, checked_at, due_at)
	SELECT name, 'lemmy', 2, @now, @now::timestamptz + interval '7 days' FROM unnest(@names::text[]) AS n (name)`,
	`INSERT INTO inboxes (host, url, shared)
	SELECT id, 'https://' || name || '/inbox', true FROM hosts WHERE name = ANY(@names) ORDER BY id`,
	`INSERT INTO host_states (host, resting_until, asked, answered_at)
	SELECT id, @now::timestamptz + interval '1 day', true, @now FROM hosts WHERE @resting AND name = ANY(@names)`,
	`INSERT INTO actors (id, iri, kind, host, name, inbox, shared_inbox, followers, delivery, published, refreshed_at, confirmed_at)
	SELECT u.id, u.iri, 'person', h.id, 'p' || u.id, u.iri || '/inbox', i.url, u.iri || '/followers', i.id, @now, @now, @now
	FROM unnest(@ids::bigint[], @iris::text[], @homes::text[]) AS u (id, iri, home)
	JOIN hosts AS h ON h.name = u.home JOIN inboxes AS i ON i.host = h.id`,
	`INSERT INTO keys (id, actor, public_pem, fetched_at)
	SELECT iri || '#main-key', id, @pem, @now FROM unnest(@ids::bigint[], @iris::text[]) AS u (id, iri) WHERE @write`,
	`INSERT INTO follows (followee, follower, state, iri, delivery, asked_at, answered_at)
	SELECT @community, a.id, 'accepted', a.iri || '#follow', a.delivery, @now, @now
	FROM actors AS a WHERE @follow AND a.id = ANY(@ids)`,
	`INSERT INTO memberships (community, who, role, since)
	SELECT @community, id, 'member', @now FROM unnest(@ids::bigint[]) AS u (id) WHERE @join`,
}
