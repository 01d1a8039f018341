package inbox

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
)

// receipt is an activity as it is kept.
type receipt struct {
	iri, kind, actor       string
	object                 string // the post that the body may hold
	key, signature, digest []byte
	body                   []byte
	arrived                time.Time
	outcome, reason        string
	line                   *int64
}

func (in *Inbox) receipt(e envelope, speaker actors.Actor, signed federation.Signed) receipt {
	digest := sha256.Sum256(e.body)
	r := receipt{
		iri: e.ID, kind: e.Type, actor: e.Actor, object: e.about(), key: e.onceKey(), signature: hash(string(signed.Value)),
		digest: digest[:], body: e.body, arrived: in.Now(), outcome: applied.outcome, line: e.line(),
	}
	if !federation.SameOrigin(speaker.IRI, e.Actor) {
		// Nobody proved that the actor did it: it may not take the place of what is true.
		r.key, r.body = nil, nil
		r.outcome, r.reason = "ignored", "forwarded by "+speaker.IRI
	}
	return r
}

const (
	recordFor = 10 * time.Second // how long a statement that keeps what came may take
	bulky     = 64 << 10         // bytes of a body that is nobody's company
)

// record keeps an activity and its place in the queue, with those that come at the same
// moment in one statement. False: it was here already, or this very request was.
func (in *Inbox) record(ctx context.Context, r receipt) (bool, error) {
	if len(r.body) <= bulky {
		kept, err := in.records.Ask(ctx, r)
		if err == nil || fault.Is(err, fault.Unavailable) || ctx.Err() != nil {
			return kept, err
		}
	}
	alone, err := in.recordAll(ctx, []receipt{r}) // what failed may be another's fault
	return err == nil && alone[0], err
}

// recordTogether serves whoever waits: the context of none of them.
func (in *Inbox) recordTogether(all []receipt) ([]bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), recordFor)
	defer cancel()
	kept, err := in.recordAll(ctx, all)
	if ctx.Err() != nil {
		err = later(ctx.Err(), recordFor)
	}
	return kept, err
}

func (in *Inbox) recordAll(ctx context.Context, all []receipt) ([]bool, error) {
	rows, _ := in.DB.Query(ctx, `
		WITH came AS (
			SELECT *
			FROM unnest(@iri::text[], @type::text[], @actor::text[], @key::bytea[], @signature::bytea[],
				@digest::bytea[], @body::bytea[], @arrived::timestamptz[], @outcome::text[], @reason::text[], @object::text[])),
		kept AS (
			INSERT INTO received (iri, type, actor, key, signature, digest, body, arrived, outcome, reason, object)
			SELECT * FROM came
			ON CONFLICT DO NOTHING
			RETURNING id, signature, arrived, outcome),
		queued AS (
			INSERT INTO inbox_queue (received, due_at, line)
			SELECT DISTINCT ON (k.id) k.id, k.arrived, w.line
			FROM kept k
			JOIN unnest(@signature::bytea[], @line::bigint[]) AS w (signature, line) ON w.signature = k.signature
			WHERE k.outcome = @applied)
		SELECT signature
		FROM kept
		WHERE outcome = @applied`, receivedArgs(all)) // CollectRows returns Query's error
	signatures, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		return nil, fmt.Errorf("record %s and %d more: %w", all[0].iri, len(all)-1, err)
	}
	queued := map[string]bool{}
	for _, s := range signatures {
		queued[string(s)] = true
	}
	kept := make([]bool, len(all))
	for i, r := range all {
		kept[i] = queued[string(r.signature)]
	}
	return kept, nil
}

// receivedArgs turns rows into columns.
func receivedArgs(all []receipt) pgx.NamedArgs {
	n := len(all)
	objects := make([]*string, n)
	iris, kinds, actors, outcomes, reasons := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	keys, signatures, digests, bodies := make([][]byte, n), make([][]byte, n), make([][]byte, n), make([][]byte, n)
	arrived, lines := make([]time.Time, n), make([]*int64, n)
	for i, r := range all {
		iris[i], kinds[i], actors[i], outcomes[i], reasons[i] = r.iri, r.kind, r.actor, r.outcome, r.reason
		keys[i], signatures[i], digests[i], bodies[i] = r.key, r.signature, r.digest, r.body
		arrived[i], lines[i] = r.arrived, r.line
		if r.object != "" {
			objects[i] = &r.object
		}
	}
	return pgx.NamedArgs{"iri": iris, "type": kinds, "actor": actors, "key": keys, "signature": signatures, "digest": digests,
		"body": bodies, "arrived": arrived, "outcome": outcomes, "reason": reasons, "object": objects, "line": lines, "applied": applied.outcome}
}
