package inbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// arrival is an activity that its actor did, and what it takes to understand it.
type arrival struct {
	vocab.Activity
	by      actors.Actor
	reach   *reach
	attempt int16
	inside  vocab.Document // the activity that it announces
	arrived time.Time
}

// change is what an activity does here, all of it in one transaction. If it returns an
// end, what it wrote stays.
type change func(ctx context.Context, tx storage.Tx) error

// verb prepares an activity: it finds what is named, checks who may, and gives the
// change. No transaction is open meanwhile.
type verb func(in *Inbox, ctx context.Context, a arrival) (change, error)

// apply says what each type does. Of another type we keep that it came, and do nothing.
var apply = map[string]verb{
	"Follow":       (*Inbox).follow,
	"Accept":       (*Inbox).accept,
	"Reject":       (*Inbox).reject,
	"Undo":         (*Inbox).undo,
	"Create":       (*Inbox).create,
	"Update":       (*Inbox).update,
	"Delete":       (*Inbox).delete,
	"Announce":     (*Inbox).announce,
	"Like":         (*Inbox).like,
	"EmojiReact":   (*Inbox).like,
	"Dislike":      (*Inbox).dislike,
	"Add":          (*Inbox).add,
	"Remove":       (*Inbox).remove,
	"Lock":         (*Inbox).lock,
	"Block":        (*Inbox).blocked,
	"Flag":         (*Inbox).flag,
	"Move":         (*Inbox).move,
	"Join":         (*Inbox).join,
	"Leave":        (*Inbox).leave,
	"Invite":       (*Inbox).invite,
	"QuoteRequest": (*Inbox).quoteRequest,
}

// apply reads one row and does what it says.
func (in *Inbox) apply(ctx context.Context, w waiting, network bool) error {
	act, known := in.verbs[w.Type]
	if !known {
		return ignored("this type does nothing here")
	}
	a, err := in.arrival(ctx, w, network)
	if err != nil {
		return err
	}
	do, err := act(in, ctx, a)
	if err != nil {
		return err
	}
	return in.write(ctx, w, do)
}

// arrival reads a row and finds who did it.
func (in *Inbox) arrival(ctx context.Context, w waiting, network bool) (a arrival, err error) {
	a = arrival{attempt: w.Attempts, arrived: w.Arrived, reach: &reach{in: in, network: network, left: fetches}}
	if w.Body == nil {
		if w.Body, err = readReceived(ctx, in.DB, w.Received); err != nil {
			return a, err
		}
	}
	if sum := sha256.Sum256(w.Body); len(w.Body) > 0 && !bytes.Equal(sum[:], w.Digest) {
		return a, end{"dead", "what is kept of it is not what came: it was damaged here"}
	}
	if a.Activity, err = vocab.ReadActivity(w.Body); err != nil {
		return a, fault.Wrap(fault.Invalid, "the activity cannot be read", err)
	}
	a.Raw = vocab.WithoutBlind(a.Raw) // nothing signed is asked of these bytes any more, and they are passed on
	a.by, err = a.reach.actor(ctx, w.Actor)
	return a, err
}

// write does a change and ends its row, in one transaction.
func (in *Inbox) write(ctx context.Context, w waiting, do change) error {
	var over end
	err := in.DB.WriteSoft(ctx, func(tx storage.Tx) error {
		over = applied
		if err := do(ctx, tx); err != nil && !errors.As(err, &over) {
			return err
		}
		mine, err := finish(ctx, tx, w, over)
		if err == nil && !mine {
			err = errLost
		}
		return err
	})
	if err == nil {
		in.Counted(over.outcome, w.Type)
	}
	return err
}

// unlessUndone does a change unless the Undo of this activity came before it.
func (in *Inbox) unlessUndone(a arrival, do change) change {
	return in.unlessCancelled(a.Actor, a.ID, do)
}

// unlessCancelled is unlessUndone for what somebody tells under another id than its own.
func (in *Inbox) unlessCancelled(actor, iri string, do change) change {
	return func(ctx context.Context, tx storage.Tx) error {
		undone, err := wasUndone(ctx, tx, actor, iri, in.Now())
		if err != nil {
			return err
		}
		if undone {
			return ignored("it was undone before it came")
		}
		return do(ctx, tx)
	}
}

// nothing is the change of what is already so.
func nothing(context.Context, storage.Tx) error { return nil }
