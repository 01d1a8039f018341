package inbox

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
)

// Receive takes one activity, for the inbox that all share or for that of an actor of
// ours: 202 only after it is kept, or where it tells nothing.
func (in *Inbox) Receive(w http.ResponseWriter, r *http.Request) {
	kind, line, err := in.take(r)
	if err != nil {
		in.refuse(w, r, kind, err)
		return
	}
	in.Counted("received", kind)
	say(w, http.StatusAccepted, line)
}

// take checks and keeps an activity. The order is that of cost, and of what must not
// happen: no fetch for a host that we do not talk to, no key of dedupe for the unproven.
func (in *Inbox) take(r *http.Request) (kind, line string, err error) {
	ctx := r.Context()
	if err := checkRequest(r); err != nil {
		return "", "", err
	}
	if err := in.ownerOf(ctx, pathID(r)); err != nil {
		return "", "", err
	}
	if !in.gate.pass(ctx, in.Now()) {
		return "", "", later(errBehind, 5*time.Second)
	}
	body, err := readBody(r, in.MaxBody)
	if err != nil {
		return "", "", err
	}
	e, err := readEnvelope(body, in.IRIs)
	if err != nil {
		return e.Type, "", err
	}
	if len(body) > bulky && slices.Contains(brief, e.Type) {
		return e.Type, "", fault.New(fault.TooLarge, "so much says too little")
	}
	line, err = in.keep(ctx, r, e)
	return e.Type, line, err
}

// brief are the types that carry hardly more than addresses. What a community of ours passes
// on of them is kept, and goes to all who follow it.
var brief = []string{"Follow", "Join", "Leave", "Like", "EmojiReact", "Dislike", "Undo", "Lock", "Block", "Move"}

var errBehind = errors.New("applying is behind")

// ownerOf refuses an inbox that is nobody's.
func (in *Inbox) ownerOf(ctx context.Context, number string) error {
	if number == "" {
		return nil
	}
	nobody := fault.New(fault.NotFound, "nobody has this inbox")
	id := in.IRIs.ActorID(in.IRIs.Origin + "/actors/" + number)
	if id == 0 {
		return nobody
	}
	a, err := in.Directory.ByID(ctx, actors.ID(id))
	switch {
	case fault.Is(err, fault.NotFound), a.IRI != "" && !a.Local():
		return nobody
	case fault.Is(err, fault.Gone):
		return fault.New(fault.Gone, "the owner of this inbox is gone")
	}
	return err
}

// keep proves who sends and records the activity.
func (in *Inbox) keep(ctx context.Context, r *http.Request, e envelope) (line string, err error) {
	if err := in.welcome(ctx, e.host); err != nil {
		return "", err
	}
	if e.key, err = federation.KeyID(r); err != nil {
		return "", err
	}
	if err := in.welcome(ctx, federation.Host(e.key)); err != nil {
		return "", err
	}
	if in.tellsNothing(ctx, e) {
		return "not known here", nil
	}
	signer, signed, err := in.prove(ctx, r, e)
	if err != nil {
		return "", err
	}
	speaker, err := in.speaker(ctx, signer, e)
	if err != nil {
		return "", err
	}
	kept, err := in.record(ctx, in.receipt(e, speaker, signed))
	if err != nil {
		return "", err
	}
	in.woken(ctx, signer)
	if !kept {
		return "known already", nil
	}
	if in.Engine != nil {
		in.Engine.Poke("inbox")
	}
	return "received", nil
}

// woken tells who delivers that a host is there again. It is a kindness: that it fails
// is no reason to refuse what was kept.
func (in *Inbox) woken(ctx context.Context, signer actors.Actor) {
	if in.Courier == nil {
		return
	}
	if err := in.Courier.Woken(ctx, signer.HostID); err != nil {
		in.Log.Warn("wake the deliveries of a host", "host", signer.Host, "error", err)
	}
}

// welcome refuses hosts that we do not talk to.
func (in *Inbox) welcome(ctx context.Context, host string) error {
	if host == "" {
		return unproven("the key's id is not an address")
	}
	allowed, err := in.Hosts.Allowed(ctx, host)
	if err == nil && !allowed {
		err = forbidden("this server does not talk to yours")
	}
	return err
}

// tellsNothing knows what may be dropped unseen: an actor that was never heard of
// deletes or updates itself. To verify it would be to fetch a key for nothing, thousands
// of times when a large server closes.
func (in *Inbox) tellsNothing(ctx context.Context, e envelope) bool {
	if !e.bySelf() {
		return false
	}
	_, err := in.Directory.ByIRI(ctx, e.Actor)
	return fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone)
}
