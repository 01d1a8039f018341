package posts

import (
	"context"
	"slices"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/jobs"
	"passerelles/storage"
)

// Who may quote a post, as its author says.
const (
	QuotedByAll       = "public"
	QuotedByFollowers = "followers" // of its author
	QuotedByNobody    = "nobody"    // but its author
)

// QuotedBy are all of them, the widest first.
var QuotedBy = []string{QuotedByAll, QuotedByFollowers, QuotedByNobody}

var (
	errNotQuotable = fault.New(fault.Forbidden, "Its author does not let this be quoted.")
	errNoPolicy    = fault.New(fault.Invalid, "A post may be quoted by everybody, by those who follow its author, or by nobody.")
)

// QuotableBy says who may quote the post: one of QuotedBy. What is not for everybody is
// quoted by nobody, whatever its author says; of others, what says nothing.
func (p Post) QuotableBy() string { return quotableBy(p.Scope, p.Quotable, p.Local) }

func quotableBy(scope, said string, local bool) string {
	switch {
	case !shown(scope):
		return QuotedByNobody
	case said != "":
		return said
	case local && scope == Public:
		return QuotedByAll
	}
	return QuotedByNobody
}

// quotable says it to other servers; nobody is the author alone, as Mastodon has it.
func quotable(p Post) []string {
	switch p.QuotableBy() {
	case QuotedByAll:
		return []string{vocab.Public}
	case QuotedByFollowers:
		return []string{p.Author.Followers}
	}
	return []string{p.Author.IRI}
}

// quotableIn reads what somebody elsewhere says. Who may quote once the author has looked
// at it does not count: we ask nobody for that.
func quotableIn(n vocab.Note, author actors.Actor) string {
	switch {
	case n.QuotableBy == nil:
		return ""
	case slices.Contains(n.QuotableBy, vocab.Public):
		return QuotedByAll
	case author.Followers != "" && slices.Contains(n.QuotableBy, author.Followers):
		return QuotedByFollowers
	}
	return QuotedByNobody
}

// checkQuotable gives what is kept of a choice: nothing of what is not for everybody, which
// nobody can open.
func checkQuotable(said, scope string) (string, error) {
	if said != "" && !slices.Contains(QuotedBy, said) {
		return "", errNoPolicy
	}
	if !shown(scope) {
		return "", nil
	}
	return said, nil
}

// mayQuote is for what everybody sees: a quote never makes a circle wider.
func (s *Service) mayQuote(ctx context.Context, tx storage.Querier, by actors.ID, t target) error {
	all, err := access.CanSee(ctx, tx, access.Reader{}, t.item())
	if err == nil && (!all || !shown(t.Scope)) {
		err = errNotQuotable
	}
	if err != nil || t.Author == by {
		return err
	}
	if err := access.RefuseBlocked(ctx, tx, t.Author, by); err != nil {
		return err
	}
	switch quotableBy(t.Scope, t.Quotable, t.Local) {
	case QuotedByAll:
		return nil
	case QuotedByFollowers:
		f, err := s.dir.FollowOf(ctx, tx, t.Author, by)
		if err == nil && f.State == actors.Accepted {
			return nil
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return errNotQuotable
}

// MayQuote refuses, with the reason, to let somebody quote a post that they may see.
func (s *Service) MayQuote(ctx context.Context, who actors.ID, id int64) error {
	p, err := s.ByID(ctx, access.Reader{ID: who}, id)
	if err != nil {
		return err
	}
	return s.mayQuote(ctx, s.db, who, target{ID: p.ID, Author: p.Author.ID, Scope: p.Scope, Quotable: p.Quotable, Local: p.Local, Community: p.communityID()})
}

// SetQuotable has the author of a post say who may quote it from now on. The quotes that there
// are stand, until each is taken back.
func (s *Service) SetQuotable(ctx context.Context, author actors.ID, id int64, by string) error {
	p, err := s.ByID(ctx, access.Reader{ID: author}, id)
	if err != nil {
		return err
	}
	switch {
	case p.Author.ID != author || !p.Local:
		return fault.New(fault.Forbidden, "Only its author says who may quote a post.")
	case by == "" || !slices.Contains(QuotedBy, by):
		return errNoPolicy
	case !shown(p.Scope) && by != QuotedByNobody:
		return fault.New(fault.Forbidden, "Only what is for everybody can be quoted.")
	}
	if by == p.QuotableBy() {
		return nil
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := setQuotable(ctx, tx, p.ID, by); err != nil {
			return err
		}
		return jobs.Add(ctx, tx, retellKind, keyOf(p.ID), nil, s.now())
	})
	if err == nil {
		s.poke()
	}
	return err
}

// retellKind is of the job that tells others how a post of ours stands, though its words are the same.
const retellKind = "retell"

func (s *Service) retell(ctx context.Context, j jobs.Job) error {
	p, err := s.polled(ctx, j)
	if err != nil || p.ID == 0 || !p.Local {
		return err
	}
	if err := s.db.Write(ctx, func(tx storage.Tx) error { return s.tellAsItStands(ctx, tx, p) }); err != nil {
		return err
	}
	s.poke()
	return nil
}
