package posts

import (
	"context"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/outbox"
	"passerelles/storage"
)

// Approval is that somebody elsewhere allows a reply of ours to a post of theirs: servers
// that hold to an interactionPolicy show none without (GoToSocial).
type Approval struct {
	By    actors.Actor
	Reply Post   // as they see it
	IRI   string // of what says so, on By's server
}

// ReceiveApproval notes it, and tells the reply again to all for whom it is, with the
// proof. Told again, it changes nothing.
func (s *Service) ReceiveApproval(ctx context.Context, tx storage.Tx, a Approval) error {
	if !a.Reply.Local || federation.CheckIRI(a.IRI) != nil || !federation.SameOrigin(a.IRI, a.By.IRI) {
		return fault.New(fault.Forbidden, "This approves no reply of ours.")
	}
	both, err := lookupAll(ctx, tx, []wanted{{iri: a.Reply.IRI, parent: a.Reply.ParentIRI}})
	if err != nil {
		return err
	}
	reply, parent := both[0].post, both[0].parent
	switch {
	case parent == nil || parent.Author != a.By.ID:
		return fault.New(fault.Forbidden, "Only the author of what it answers approves a reply.")
	case reply == nil || reply.DeletedAt != nil:
		return fault.New(fault.NotFound, noPost)
	case a.Reply.Updated != nil && !reply.at().Equal(*a.Reply.Updated) || a.Reply.Updated == nil && reply.Updated != nil:
		return fault.New(fault.Unavailable, "The reply changes at this moment.")
	}
	changed, err := setApproval(ctx, tx, reply.ID, a.IRI)
	if err != nil || !changed {
		return err
	}
	a.Reply.ApprovedBy = a.IRI
	return s.tellAgain(ctx, tx, a.Reply)
}

// EndApproval forgets an approval that its author takes back: the one that is named, or
// whichever there is; found tells whether there was one. The reply stays, and is not told again.
func (s *Service) EndApproval(ctx context.Context, tx storage.Tx, a Approval) (found bool, err error) {
	return clearApproval(ctx, tx, a.Reply.IRI, a.By.ID, a.IRI)
}

// tellAgain sends a post of ours under a new Create: who left it out the first time takes
// it, others have it. It is neither listed nor announced once more.
func (s *Service) tellAgain(ctx context.Context, tx storage.Tx, p Post) error {
	create, err := s.sayPost(ctx, tx, "Create", p, s.now())
	if err != nil {
		return err
	}
	body, err := s.dir.Prove(ctx, tx, p.Author.ID, create.what)
	if err != nil {
		return err
	}
	audience := outbox.Audience{To: recipients(p)}
	if shown(p.Scope) {
		audience.FollowersOf = []actors.ID{p.Author.ID}
	}
	return outbox.Send(ctx, tx, audience, outbox.Activity{IRI: create.what.ID, Type: "Create", Object: p.IRI,
		Actor: p.Author.ID, Body: body, Thread: p.Root, Published: create.what.Published})
}
