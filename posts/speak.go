package posts

import (
	"context"
	"html"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// speak has a community tell, in its own name, what a member answered to a echo. The servers
// of other members could not verify the answer: it was addressed to the community alone, so
// that its own server shows it to nobody else.
func (s *Service) speak(ctx context.Context, tx storage.Tx, p Post, kind string) error {
	voice, err := s.communities.VoiceOf(ctx, tx, p.Community.ID)
	if err != nil {
		return err
	}
	c, err := spokenEcho(ctx, tx, p.ID, s.now())
	if err != nil {
		return err
	}
	note, err := s.spokenNote(ctx, tx, personal{p, voice}, c)
	if err != nil {
		return err
	}
	object, err := note.Embed()
	if err != nil {
		return err
	}
	return s.tellMembers(ctx, tx, p.target(), vocab.Activity{ID: s.iris.NewActivity(), Type: kind, Actor: p.Community.IRI, Object: object,
		To: note.To, Audience: note.Audience, Published: s.now()})
}

func (s *Service) spokenNote(ctx context.Context, tx storage.Tx, n personal, c echoed) (vocab.Note, error) {
	p := n.post
	intro, err := say(n.voice.Language, "echo.spoken", map[string]any{"Author": titleOf(p.Author) + " (" + p.Author.Handle() + ")"})
	if err != nil {
		return vocab.Note{}, err
	}
	parent, err := answeredBy(ctx, tx, p.ParentID, 0, s.iris)
	if err != nil {
		return vocab.Note{}, err
	}
	spoken := p
	spoken.Mentions = nil
	to, _ := addressing(spoken)
	note := vocab.Note{ID: s.iris.Echo(c.ID), Type: "Note", AttributedTo: p.Community.IRI, InReplyTo: parent, Context: p.Context,
		URL: p.IRI, Content: "<p>" + html.EscapeString(intro) + "</p>" + p.Content, MediaType: "text/html", Language: p.Language,
		Summary: p.Summary, Sensitive: p.Sensitive, To: to, Audience: []string{p.Community.IRI}, Published: c.At}
	if p.Updated != nil {
		note.Updated = *p.Updated
	}
	return note, nil
}

// tellMembers announces what a community itself did with a post to those for whom that is.
func (s *Service) tellMembers(ctx context.Context, tx storage.Tx, t *target, a vocab.Activity) error {
	body, err := a.Encode()
	if err != nil {
		return err
	}
	circle, _ := circleOf(t.Scope)
	w := communities.What{Activity: body, ActivityIRI: a.ID, ActivityType: a.Type, Object: t.IRI, Root: t.Root, At: a.Published, Circle: circle}
	if a.Type == "Delete" {
		w.Since = t.Published
	}
	return s.communities.Announce(ctx, tx, t.group(), w)
}

func (s *Service) endSpoken(ctx context.Context, tx storage.Tx, t target, c echoed) error {
	group := t.group()
	p := s.bare(t, actors.Actor{})
	to, _ := addressing(p)
	return s.tellMembers(ctx, tx, &t, vocab.Activity{ID: s.iris.NewActivity(), Type: "Delete", Actor: group.IRI,
		Object: vocab.Link(s.iris.Echo(c.ID)), To: to, Audience: []string{group.IRI}, Published: s.now()})
}
