package outbox

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"

	"passerelles/actors"
	"passerelles/federation"
	"passerelles/storage"
)

// letter is an activity as it leaves.
type letter struct {
	actor     actors.ID
	body      federation.Body
	size      int
	published time.Time
	taken     bool   // its post was taken away by its community
	keeper    *int64 // the host of that community, which alone may go on hearing of it
	read      time.Time
}

// void says whether a letter holds the words of a post that was erased or, for this host,
// taken away. Others tell of its end, and are sent.
func (l letter) void(host int64) bool {
	return l.size == 0 || l.taken && (l.keeper == nil || *l.keeper != host)
}

// letterFresh is how long a letter is sent without looking whether its post still stands.
const letterFresh = 10 * time.Second

// letter reads an activity once for all to whom it is sent at the same time. For a host that
// was tried in vain, some time ago, it is read anew.
func (d *drain) letter(ctx context.Context, id int64) (letter, error) {
	now := d.now()
	if l, found := d.bodies.GetIfPresent(id); found && (d.failing() || now.Sub(l.read) >= letterFresh) {
		d.bodies.Invalidate(id)
	}
	return d.bodies.Get(ctx, id, otter.LoaderFunc[int64, letter](func(ctx context.Context, id int64) (letter, error) {
		l, err := letterByID(ctx, d.db, id)
		l.read = now
		return l, err
	}))
}

func letterByID(ctx context.Context, q storage.Querier, id int64) (letter, error) {
	var l letter
	var body []byte
	var isWhole bool
	err := q.QueryRow(ctx, `
		SELECT a.actor, a.body, a.published, `+whole+`, t.taken IS NOT NULL, t.keeper
		FROM activities AS a
		LEFT JOIN LATERAL (
			SELECT true AS taken, g.host AS keeper
			FROM posts AS p
			JOIN post_marks AS m ON m.post = p.iri AND m.community = p.community
			JOIN actors AS g ON g.id = p.community
			WHERE p.iri = a.object AND m.mark IN ('removed', 'withdrawn') AND m.holds
			LIMIT 1) AS t ON a.type IN ('Create', 'Update', 'Announce')
		WHERE a.id = $1`, id).Scan(&l.actor, &body, &l.published, &isWhole, &l.taken, &l.keeper)
	if err != nil {
		return letter{}, storage.NotFound(err, "this activity does not exist")
	}
	if !isWhole {
		return letter{}, errDamaged
	}
	l.body, l.size = federation.NewBody(body), len(body)
	return l, nil
}
