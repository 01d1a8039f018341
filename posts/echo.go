package posts

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/jobs"
	"passerelles/outbox"
	"passerelles/storage"
)

// A echo is a Note of a community that stands for a post which is not for everybody: a
// personal one for a member whose software would show nothing else, and a spoken one for
// members' servers, of a post whose author's server proves it to nobody (speak.go). What
// answers a echo answers the post.
type echoed struct {
	ID   int64
	Post int64
	Who  *actors.ID // nil: a spoken one
	At   time.Time
}

const (
	echoKind     = "echoes"            // of jobs; the key is the IRI of the post
	echoesAtOnce = 100                 // in one transaction
	linkHolds    = 30 * 24 * time.Hour // of a personal echo
)

// Register has the engine write echoes.
func (s *Service) Register(e *jobs.Engine) {
	e.Handle(scheduleKind, s.publishScheduled)
	e.Handle(pollKind, s.tally)
	e.Handle(retellKind, s.retell)
	e.Handle(pollEndKind, s.endPoll)
	e.Handle(echoKind, func(ctx context.Context, j jobs.Job) error { return s.echo(ctx, j.Key) })
}

// addEchoes has those echoes written, later, that a post needs.
func (s *Service) addEchoes(ctx context.Context, tx storage.Tx, p Post) error {
	if p.Community == nil || !p.Community.Local() || !p.Announced || !inside(p.Scope) {
		return nil
	}
	return jobs.Add(ctx, tx, echoKind, p.IRI, nil, s.now())
}

// echo writes the echoes that a post needs and, once it is deleted, ends them.
func (s *Service) echo(ctx context.Context, iri string) error {
	defer s.poke()
	author, deleted, err := authorOf(ctx, s.db, iri)
	switch {
	case err != nil:
		return err
	case deleted:
		return s.endEchoes(ctx, iri)
	}
	p, err := s.ByIRI(ctx, access.Reader{ID: author}, iri)
	if err != nil || p.Community == nil {
		return ignoreNothing(err) // its author is no member any more, or it was deleted meanwhile
	}
	return s.writeEchoes(ctx, p)
}

func ignoreNothing(err error) error {
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil
	}
	return err
}

func (s *Service) writeEchoes(ctx context.Context, p Post) error {
	voice, err := s.communities.VoiceOf(ctx, s.db, p.Community.ID)
	if err != nil {
		return err
	}
	circle, _ := circleOf(p.Scope)
	for after := actors.ID(0); ; {
		members, err := s.communities.Unshown(ctx, s.db, p.Community.ID, circle, after, echoesAtOnce)
		if err != nil || len(members) == 0 {
			return err
		}
		after = members[len(members)-1].ID
		err = s.db.Write(ctx, func(tx storage.Tx) error { return s.echoTo(ctx, tx, personal{p, voice}, members) })
		if err != nil {
			return err
		}
	}
}

// echoTo tells some members of a post: a thread that begins all of them, an answer those who
// take part in the thread.
func (s *Service) echoTo(ctx context.Context, tx storage.Tx, n personal, members []actors.Actor) error {
	f, err := lookup(ctx, tx, wanted{iri: n.post.IRI}) // and nobody deletes it meanwhile
	if err != nil || f.post == nil || f.post.DeletedAt != nil {
		return err
	}
	ids := make([]actors.ID, len(members))
	for i, m := range members {
		ids[i] = m.ID
	}
	fresh, err := insertEchoes(ctx, tx, n.post, ids, s.now())
	if err != nil {
		return err
	}
	for _, m := range members {
		c, found := fresh[m.ID]
		if !found {
			continue
		}
		if err := s.sendEcho(ctx, tx, n, c, m); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) sendEcho(ctx context.Context, tx storage.Tx, n personal, c echoed, to actors.Actor) error {
	note, err := n.note(s, c, to)
	if err != nil {
		return err
	}
	if n.post.ParentID != 0 {
		if note.InReplyTo, err = answeredBy(ctx, tx, n.post.ParentID, to.ID, s.iris); err != nil {
			return err
		}
	}
	return s.tell(ctx, tx, *n.post.Community, note, n.post, to.ID)
}

// tell sends a Note of a community to one of its members.
func (s *Service) tell(ctx context.Context, tx storage.Tx, group actors.Actor, note vocab.Note, about Post, to actors.ID) error {
	object, err := note.Embed()
	if err != nil {
		return err
	}
	a := vocab.Activity{ID: s.iris.NewActivity(), Type: "Create", Actor: group.IRI, Object: object, To: note.To, Published: note.Published}
	body, err := a.Encode()
	if err != nil {
		return err
	}
	return outbox.Send(ctx, tx, outbox.Audience{To: []actors.ID{to}}, outbox.Activity{IRI: a.ID, Type: a.Type, Object: about.IRI,
		Actor: group.ID, Body: body, Thread: about.Root, Published: a.Published, MembersOf: group.ID, Only: to})
}

// endEchoes tells those to whom echoes of a post went that it is no more.
func (s *Service) endEchoes(ctx context.Context, iri string) error {
	for {
		n := 0
		err := s.db.Write(ctx, func(tx storage.Tx) error {
			t, _, err := liked(ctx, tx, iri)
			if err != nil || t == nil {
				return err
			}
			ended, err := endSomeEchoes(ctx, tx, t.ID, s.now(), echoesAtOnce)
			if err != nil {
				return err
			}
			n = len(ended)
			for _, c := range ended {
				if err := s.endEcho(ctx, tx, *t, c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < echoesAtOnce {
			return err
		}
	}
}

func (s *Service) endEcho(ctx context.Context, tx storage.Tx, t target, c endedEcho) error {
	if c.Who == nil {
		return s.endSpoken(ctx, tx, t, c.echoed)
	}
	group := t.group()
	a := vocab.Activity{ID: s.iris.NewActivity(), Type: "Delete", Actor: group.IRI, Object: vocab.Link(s.iris.Echo(c.ID)),
		To: []string{c.Reader}, Published: s.now()}
	body, err := a.Encode()
	if err != nil {
		return err
	}
	return outbox.Send(ctx, tx, outbox.Audience{To: []actors.ID{*c.Who}}, outbox.Activity{IRI: a.ID, Type: a.Type, Object: t.IRI,
		Actor: group.ID, Body: body, Thread: t.Root, Published: a.Published, Only: *c.Who})
}

// Opened gives the post behind a personal link: while who it is for is a member, and for
// thirty days. Whatever else it is, it is told as if there were nothing.
func (s *Service) Opened(ctx context.Context, id int64, key string) (p Post, reader actors.Actor, err error) {
	nothing := fault.New(fault.NotFound, noPost)
	if !hmac.Equal([]byte(s.linkKey(id)), []byte(key)) {
		return p, reader, nothing
	}
	c, err := echoByID(ctx, s.db, id)
	if err != nil || c.Who == nil || s.now().Sub(c.At) > linkHolds {
		return p, reader, whichever(err, nothing)
	}
	if reader, err = s.dir.ByID(ctx, *c.Who); err != nil || reader.Gone {
		return p, reader, whichever(err, nothing)
	}
	if p, err = s.ByID(ctx, access.Reader{ID: reader.ID}, c.Post); fault.Is(err, fault.Gone) {
		err = nothing
	}
	return p, reader, err
}

// EchoFor gives a personal echo as ActivityPub to the server of who it is for, or to that
// person.
func (s *Service) EchoFor(ctx context.Context, r access.Reader, id int64) (vocab.Note, error) {
	nothing := fault.New(fault.NotFound, noPost)
	c, err := echoByID(ctx, s.db, id)
	if err != nil || c.Who == nil {
		return vocab.Note{}, whichever(err, nothing)
	}
	who, err := s.dir.ByID(ctx, *c.Who)
	if err != nil || who.Gone || r.ID != who.ID && (r.ID != 0 || r.Host == "" || r.Host != who.Host) {
		return vocab.Note{}, whichever(err, nothing)
	}
	p, err := s.ByID(ctx, access.Reader{ID: who.ID}, c.Post)
	if err != nil || p.Community == nil {
		return vocab.Note{}, whichever(err, nothing)
	}
	voice, err := s.communities.VoiceOf(ctx, s.db, p.Community.ID)
	if err != nil {
		return vocab.Note{}, err
	}
	return personal{p, voice}.note(s, c, who)
}

// whichever is the error, or nothing where there is nothing: who asks is told the same.
func whichever(err, nothing error) error {
	if err == nil || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nothing
	}
	return err
}

// linkKey is what opens a personal link.
func (s *Service) linkKey(id int64) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(strconv.FormatInt(id, 10)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// Link is the personal link of an echo.
func (s *Service) Link(id int64) string { return s.iris.Echo(id) + "?key=" + s.linkKey(id) }

// Meant gives the post for which a echo stands to whom it was told; any other IRI as it is.
func (s *Service) Meant(ctx context.Context, iri string, by actors.ID) (string, error) {
	id := s.iris.EchoID(iri)
	if id == 0 {
		return iri, nil
	}
	return meant(ctx, s.db, id, by)
}
