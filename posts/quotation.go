package posts

import (
	"context"
	"html"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/notifications"
	"passerelles/outbox"
	"passerelles/storage"
)

// How a quote stands.
const (
	Pending  = "pending"  // nobody said yes yet, or said it so that it could be verified
	Accepted = "accepted" // who is quoted lets it be shown
	Rejected = "rejected"
	Revoked  = "revoked" // they did, and do no more
)

// Quotation is that a post quotes another, as one reader may know it.
type Quotation struct {
	IRI     string // of what is quoted
	Post    int64  // what is quoted; 0: it is not here, or not for the reader
	URL     string // its page; "" likewise
	State   string
	Deleted bool   // what is quoted is no more
	Shunned bool   // the reader blocks or mutes who is quoted
	Leave   string // address of what allows it; "": nothing, or it needs nothing

	request string // IRI of our QuoteRequest
	hidden  bool   // what is quoted is here, and not for the reader
}

// Shown says whether the reader sees what is quoted.
func (q *Quotation) Shown() bool { return q != nil && q.State == Accepted && q.Post != 0 && !q.Deleted }

// told says whether the reader learns what is quoted: not once its author refused it, nor where it stands, if that
// is not for them.
func (q *Quotation) told() bool {
	return q != nil && !q.hidden && (q.State == Pending || q.State == Accepted && !q.Deleted)
}

// WithQuote is WithTitle with a link to what is quoted, for software that knows nothing of
// quotes: that which does takes it away.
func (p Post) WithQuote() string {
	if !p.Quote.told() {
		return p.WithTitle()
	}
	to := html.EscapeString(p.Quote.page())
	return p.WithTitle() + `<p class="quote-inline">RE: <a href="` + to + `">` + to + `</a></p>`
}

func (q *Quotation) page() string {
	if q.URL != "" {
		return q.URL
	}
	return q.IRI
}

// quotes writes it into a document.
func quotes(p Post, n *vocab.Note) {
	if p.Quote.told() {
		n.QuoteOf, n.QuoteApproval = p.Quote.IRI, p.Quote.Leave
	}
}

// errQuotesInside: who is quoted is told of it, and may take their leave back.
var errQuotesInside = fault.New(fault.Forbidden, "Only a post that is for everybody can quote another.")

// beginQuote finds what a new post quotes, and who may quote the post itself.
func (s *Service) beginQuote(ctx context.Context, p *Post, d Draft) (err error) {
	if d.Quotable == "" && p.Scope == Public {
		if d.Quotable, err = usualQuotable(ctx, s.db, p.Author.ID); err != nil {
			return err
		}
	}
	if p.Quotable, err = checkQuotable(d.Quotable, p.Scope); err != nil || d.Quote == 0 {
		return err
	}
	quoted, err := s.ByID(ctx, access.Reader{ID: p.Author.ID}, d.Quote)
	if err != nil {
		return err
	}
	if !shown(p.Scope) {
		return errQuotesInside
	}
	p.Quote = &Quotation{IRI: quoted.IRI, Post: quoted.ID, URL: quoted.URL}
	return nil
}

// quote notes that a new post of ours quotes another, and gives the leave itself where that is ours. A post that is
// held quotes nobody before it is let in.
func (s *Service) quote(ctx context.Context, tx storage.Tx, p Post, held bool) error {
	if p.Quote == nil {
		return nil
	}
	t, err := s.quotableNow(ctx, tx, p)
	if err != nil {
		return err
	}
	p.Quote.State, p.Quote.Leave, p.Quote.request = Pending, "", ""
	if !held {
		if err := s.settle(ctx, tx, p, t); err != nil {
			return err
		}
	}
	_, err = upsertQuotation(ctx, tx, p.ID, *p.Quote, s.now())
	return err
}

// quoteAdmitted has a post of ours that is let in quote by what holds now: since it was written, who is quoted may
// have thought otherwise, and its community may have closed.
func (s *Service) quoteAdmitted(ctx context.Context, tx storage.Tx, p Post) error {
	if p.Quote == nil || p.Quote.State != Pending {
		return nil
	}
	t, err := s.quotableNow(ctx, tx, p)
	switch kind := fault.KindOf(err); {
	case err == nil:
		err = s.settle(ctx, tx, p, t)
	case kind == fault.Forbidden || kind == fault.Gone:
		p.Quote.State, p.Quote.Leave, p.Quote.request = Rejected, "", ""
		err = nil
	}
	if err != nil {
		return err
	}
	return settleQuotation(ctx, tx, p.ID, *p.Quote)
}

// quotableNow finds what a post quotes, which its author lets, as long as everybody sees both.
func (s *Service) quotableNow(ctx context.Context, tx storage.Tx, p Post) (target, error) {
	t, err := s.standing(ctx, tx, p.Quote.IRI)
	if err != nil {
		return t, err
	}
	all, err := access.CanSee(ctx, tx, access.Reader{}, p.item())
	if err == nil && (!all || !shown(p.Scope)) {
		err = errQuotesInside
	}
	if err != nil {
		return t, err
	}
	return t, s.mayQuote(ctx, tx, p.Author.ID, t)
}

// settle gives leave to quote a post of ours, or names the request for it.
func (s *Service) settle(ctx context.Context, tx storage.Tx, p Post, t target) error {
	p.Quote.State, p.Quote.Leave, p.Quote.request = Accepted, "", ""
	switch {
	case t.Author == p.Author.ID: // nobody asks themselves
	case t.Local:
		id, ended, err := insertQuote(ctx, tx, quote{ID: storage.NewID(s.now()), Post: t.ID, Quoting: p.IRI}, p.Author.ID, s.now())
		if err != nil {
			return err
		}
		if p.Quote.Leave = s.iris.Quote(t.ID, id); ended {
			p.Quote.State = Revoked
		}
	default:
		p.Quote.State, p.Quote.request = Pending, s.iris.NewActivity()
	}
	return nil
}

// standing is a post that was not deleted.
func (s *Service) standing(ctx context.Context, tx storage.Tx, iri string) (target, error) {
	t, deleted, err := liked(ctx, tx, iri)
	if err == nil && (deleted || t == nil) {
		err = fault.New(fault.Gone, "This post was deleted.")
	}
	if err != nil {
		return target{}, err
	}
	return *t, nil
}

// tellQuoted tells who is quoted by a post: one of ours that they are; somebody elsewhere is asked whether
// they let ours.
func (s *Service) tellQuoted(ctx context.Context, tx storage.Tx, p Post) error {
	asks := p.Quote != nil && p.Quote.State == Pending && p.Quote.request != ""
	if !asks && (p.Quote == nil || p.Quote.State != Accepted) {
		return nil
	}
	t, deleted, err := liked(ctx, tx, p.Quote.IRI)
	if err != nil || deleted || t == nil {
		return err
	}
	if asks {
		return s.askToQuote(ctx, tx, p, *t)
	}
	return s.tellOfQuote(ctx, tx, p, *t)
}

// tellOfQuote tells somebody of ours who is quoted, as soon as they may read where.
func (s *Service) tellOfQuote(ctx context.Context, tx storage.Tx, by Post, t target) error {
	if !t.Local {
		return nil
	}
	sees, err := access.CanSee(ctx, tx, access.Reader{ID: t.Author}, by.item())
	if err != nil || !sees {
		return err
	}
	return s.notices.Tell(ctx, tx, notifications.Notice{Kind: notifications.Quoted, By: by.Author.ID, Community: by.communityID(), Post: by.ID}, t.Author)
}

// askToQuote sends the post along, for its server cannot be asked for all that it may hold yet.
func (s *Service) askToQuote(ctx context.Context, tx storage.Tx, p Post, t target) error {
	author, err := s.dir.ByID(ctx, t.Author)
	if err != nil {
		return err
	}
	whole, err := Document(p, s.iris).Embed()
	if err != nil {
		return err
	}
	a := vocab.Activity{ID: p.Quote.request, Type: "QuoteRequest", Actor: p.Author.IRI, Object: vocab.Link(p.Quote.IRI), Instrument: whole,
		To: []string{author.IRI}, Published: s.now()}
	body, err := a.Encode()
	if err != nil {
		return err
	}
	return outbox.Send(ctx, tx, outbox.Audience{To: []actors.ID{author.ID}}, outbox.Activity{IRI: a.ID, Type: a.Type,
		Object: p.IRI, Actor: p.Author.ID, Body: body, Thread: p.Root, Published: a.Published})
}

// receiveQuote notes what a post of others quotes. It is shown if its author quotes themselves, if
// we gave leave, or if the inbox verified that who is quoted did.
func (s *Service) receiveQuote(ctx context.Context, tx storage.Tx, p Post, in In) error {
	n := in.Note
	if n.QuoteOf == "" || n.QuoteOf == n.ID || federation.CheckIRI(n.QuoteOf) != nil {
		return deleteQuotation(ctx, tx, p.ID)
	}
	if in.Quoted != nil {
		if _, _, err := s.receiveBeside(ctx, tx, *in.Quoted); err != nil {
			return err
		}
	}
	q, err := s.quotationIn(ctx, tx, in)
	if err != nil {
		return err
	}
	changed, err := upsertQuotation(ctx, tx, p.ID, q, s.now())
	if err != nil || !changed || q.State != Accepted {
		return err
	}
	p.Quote = &q
	return s.tellQuoted(ctx, tx, p)
}

// receiveQuoting also takes who may quote the post, of which its server tells as no later version.
func (s *Service) receiveQuoting(ctx context.Context, tx storage.Tx, p Post, in In, otherwise bool) error {
	if otherwise {
		if err := setQuotable(ctx, tx, p.ID, quotableIn(in.Note, in.Author)); err != nil {
			return err
		}
	}
	return s.receiveQuote(ctx, tx, p, in)
}

func (s *Service) quotationIn(ctx context.Context, tx storage.Tx, in In) (Quotation, error) {
	q := Quotation{IRI: in.Note.QuoteOf, State: Pending}
	if id := s.iris.PostID(q.IRI); id != 0 {
		given, err := quoteFor(ctx, tx, id, in.Note.ID)
		if err != nil || given.ID == 0 {
			return q, err
		}
		if q.State, q.Leave = Accepted, s.iris.Quote(id, given.ID); given.Ended {
			q.State = Revoked
		}
		return q, nil
	}
	author, err := authorIRI(ctx, tx, q.IRI)
	switch {
	case err != nil || author == "":
	case author == in.Author.IRI:
		q.State = Accepted
	case author == in.Leave.AttributedTo:
		q.State, q.Leave = Accepted, in.Leave.ID
	}
	return q, err
}
