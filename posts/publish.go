package posts

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/media"
	"passerelles/storage"
	"passerelles/text"
)

// Bounds of what is typed, in characters.
const (
	longestTitle   = 200 // Lemmy takes no more
	LongestText    = 50_000
	longestSummary = 500
)

// Publish shares what a member wrote.
func (s *Service) Publish(ctx context.Context, author actors.ID, d Draft) (Post, error) {
	d, err := d.check(false)
	if err != nil {
		return Post{}, err
	}
	if p, err := s.keyed(ctx, author, d.Key); err != nil || p.ID != 0 {
		return p, err
	}
	p, err := s.begin(ctx, author, d)
	if err != nil {
		return Post{}, err
	}
	if err := s.write(ctx, &p, d); err != nil {
		return Post{}, err
	}
	if err := s.direct(ctx, &p); err != nil {
		return Post{}, err
	}
	if err := s.choose(ctx, s.db, &p, d.Themes); err != nil {
		return Post{}, err
	}
	if err := s.beginQuote(ctx, &p, d); err != nil {
		return Post{}, err
	}
	if p.Community != nil {
		if err := s.communities.MayWriteTo(ctx, s.db, *p.Community, p.Author); err != nil {
			return Post{}, err
		}
		if p.Starter() {
			if err := s.communities.MayBegin(ctx, s.db, *p.Community, p.Author); err != nil {
				return Post{}, err
			}
		}
	}
	if err := s.often.post(p, s.now()); err != nil {
		return Post{}, err
	}
	p.Poll = d.Poll.poll(p.Published)
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.takeKey(ctx, tx, author, d.Key, p.ID); err != nil {
			return err
		}
		return s.publish(ctx, tx, p, d.Files)
	})
	if errors.Is(err, errTwice) {
		return s.keyed(ctx, author, d.Key)
	}
	if err != nil {
		return Post{}, err
	}
	s.poke()
	return s.ByID(ctx, access.Reader{ID: author}, p.ID)
}

func (s *Service) publish(ctx context.Context, tx storage.Tx, p Post, files []media.Attach) (err error) {
	if len(files) > 0 {
		if p.Files, err = s.hang(ctx, tx, p, files); err != nil {
			return err
		}
	}
	p.entitle()
	var mentioned []actors.ID
	for _, a := range p.Mentions {
		mentioned = append(mentioned, a.ID)
	}
	v := version{At: p.Published, Title: p.Title, Content: p.Content, Source: p.Source, Summary: p.Summary,
		Language: p.Language, URL: p.URL, Sensitive: p.Sensitive, Tags: p.Tags, Quotable: p.Quotable}
	held, err := s.holds(ctx, tx, &p)
	if err != nil {
		return err
	}
	w := written{p, v, mentioned, p.ParentID != 0, !held}
	if err := s.insert(ctx, tx, w, false); err != nil {
		return err
	}
	if err := s.ask(ctx, tx, p); err != nil {
		return err
	}
	if err := s.quote(ctx, tx, p, held); err != nil {
		return err
	}
	if err := s.hear(ctx, tx, w); err != nil {
		return err
	}
	if held {
		return s.hold(ctx, tx, p)
	}
	create, err := s.sayPost(ctx, tx, "Create", p, p.Published)
	if err != nil {
		return err
	}
	if err := s.send(ctx, tx, create); err != nil {
		return err
	}
	if err := s.tellQuoted(ctx, tx, p); err != nil {
		return err
	}
	return s.addEchoes(ctx, tx, p)
}

// check refuses what cannot be published; attached says that files hang there already.
func (d Draft) check(attached bool) (Draft, error) {
	d.Title, d.Text = text.OneLine(d.Title), strings.TrimSpace(d.Text)
	d.Summary = text.OneLine(d.Summary)
	if d.Kind == "" {
		d.Kind = Discussion
	}
	switch {
	case d.Text == "" && !attached && len(d.Files) == 0 && (d.Title == "" || d.InReplyTo != 0):
		return d, fault.New(fault.Invalid, "There is nothing to publish: write something.")
	case utf8.RuneCountInString(d.Text) > LongestText:
		return d, fault.New(fault.TooLarge, "A post may have 50,000 characters.")
	case utf8.RuneCountInString(d.Title) > longestTitle:
		return d, fault.New(fault.Invalid, "A title may have 200 characters.")
	case utf8.RuneCountInString(d.Summary) > longestSummary:
		return d, fault.New(fault.Invalid, "A warning may have 500 characters.")
	case !slices.Contains([]string{News, Discussion, Question, Call}, d.Kind):
		return d, fault.New(fault.Invalid, "There is no such kind of post.")
	case d.Language != "" && !text.ValidLanguage(d.Language):
		return d, fault.New(fault.Invalid, "This is not the code of a language.")
	case !slices.Contains([]string{"", Public, Unlisted, Members, Animators, Direct}, d.Scope):
		return d, fault.New(fault.Invalid, "A post is public, unlisted, for members, for animators or direct.")
	}
	poll, err := d.Poll.check()
	d.Poll = poll
	return d, err
}

// begin finds where the post stands: author, thread, community, scope.
func (s *Service) begin(ctx context.Context, author actors.ID, d Draft) (Post, error) {
	a, err := s.dir.ByID(ctx, author)
	if err != nil {
		return Post{}, err
	}
	now := s.now().UTC().Truncate(time.Microsecond)
	id := storage.NewID(now)
	p := Post{ID: id, IRI: s.iris.Post(id), Author: a, Root: id, Kind: d.Kind, Scope: d.Scope, Local: true,
		Context: s.iris.Context(id), Published: now, arrived: now}
	p.URL = p.IRI
	if p.Scope == "" {
		p.Scope = Public
	}
	if d.InReplyTo != 0 {
		err := s.replyTo(ctx, &p, d)
		return p, err
	}
	if d.Community != 0 {
		c, err := s.dir.ByID(ctx, d.Community)
		if err != nil {
			return Post{}, err
		}
		knows, err := access.Knows(ctx, s.db, access.Reader{ID: author}, c)
		if err != nil {
			return Post{}, err
		}
		if !knows {
			return Post{}, fault.New(fault.NotFound, "There is no such community.")
		}
		if c.Kind != actors.Group {
			return Post{}, fault.New(fault.Invalid, "This is not a community.")
		}
		p.Community = &c
	}
	return p, nil
}

// replyTo puts a post under its parent: in its thread and its community, and
// not for more people than it.
func (s *Service) replyTo(ctx context.Context, p *Post, d Draft) error {
	parent, err := s.ByID(ctx, access.Reader{ID: p.Author.ID}, d.InReplyTo)
	if err != nil {
		return err
	}
	if err := access.RefuseBlocked(ctx, s.db, parent.Author.ID, p.Author.ID); err != nil {
		return err
	}
	locked, err := isLocked(ctx, s.db, parent.ID)
	if err != nil {
		return err
	}
	if locked {
		return errLocked
	}
	p.ParentID, p.ParentIRI, p.Root, p.Community = parent.ID, parent.IRI, parent.Root, parent.Community
	p.Kind, p.Context = Discussion, parent.Context
	if parent.Author.ID != p.Author.ID {
		p.Mentions = append(p.Mentions, parent.Author)
	}
	switch {
	case d.Scope == "" || parent.Scope == Direct:
		p.Scope = parent.Scope
	case p.Scope != Direct:
		p.Scope = narrower(p.Scope, parent.Scope)
	}
	return nil
}

// write renders the text and finds whom it mentions, asking other servers for
// those that are not known; what is not found stays words.
func (s *Service) write(ctx context.Context, p *Post, d Draft) error {
	asked := 0
	rendered := text.Markdown(d.Text, text.Options{Hashtag: s.tagPage, Resolve: func(handle string) (string, bool) {
		a, err := s.find(ctx, handle, &asked)
		if err != nil {
			return "", false
		}
		if knows, err := access.Knows(ctx, s.db, access.Reader{ID: p.Author.ID}, a); err != nil || !knows {
			return "", false // as of a name that nobody has
		}
		if a.ID != p.Author.ID && !slices.ContainsFunc(p.Mentions, func(m actors.Actor) bool { return m.ID == a.ID }) {
			p.Mentions = append(p.Mentions, a)
		}
		if a.URL != "" {
			return a.URL, true
		}
		return a.IRI, true
	}})
	p.Source, p.Content, p.Title, p.Tags = d.Text, rendered.HTML, d.Title, rendered.Hashtags[:min(len(rendered.Hashtags), mostTags)]
	p.Summary, p.Sensitive, p.Language = d.Summary, d.Sensitive || d.Summary != "", d.Language
	if p.Language == "" {
		p.Language = text.Language(text.Plain(p.Content))
	}
	return nil
}

// Other servers are asked for a few unknown names, briefly.
const (
	mostAsked  = 5
	longestAsk = 5 * time.Second
)

func (s *Service) find(ctx context.Context, handle string, asked *int) (actors.Actor, error) {
	handle = "@" + strings.TrimSuffix(handle, "@"+s.iris.Host())
	a, err := s.dir.ByHandleKnown(ctx, handle)
	if !fault.Is(err, fault.NotFound) || strings.Count(handle, "@") < 2 || *asked >= mostAsked {
		return a, err
	}
	*asked++
	ctx, cancel := context.WithTimeout(ctx, longestAsk)
	defer cancel()
	return s.dir.Find(ctx, handle)
}

// direct settles for whom the post is once its mentions are known: who names a
// community at the start of a thread posts in it.
func (s *Service) direct(ctx context.Context, p *Post) error {
	named := func(a actors.Actor) bool { return a.Kind == actors.Group }
	if at := slices.IndexFunc(p.Mentions, named); at >= 0 && p.Community == nil && p.Starter() && p.Scope != Direct {
		c := p.Mentions[at]
		p.Community = &c
	}
	if p.Community != nil {
		p.Mentions = slices.DeleteFunc(p.Mentions, func(a actors.Actor) bool { return a.ID == p.Community.ID })
	}
	if p.Scope == Direct {
		p.Community = nil
		if len(p.Mentions) == 0 {
			return fault.New(fault.Invalid, "Name those for whom this is.")
		}
	}
	if err := s.enclose(ctx, p); err != nil {
		return err
	}
	p.Announced = p.Community != nil && p.Community.Local()
	return nil
}

// entitle gives a thread of a community the title that it was not given.
func (p *Post) entitle() {
	if p.Community != nil && p.Starter() && p.Title == "" {
		p.Title = p.untitled()
	}
}

// enclose keeps a post within what its community lets be seen.
func (s *Service) enclose(ctx context.Context, p *Post) error {
	if p.Community == nil {
		if inside(p.Scope) {
			return fault.New(fault.Invalid, "Only a post in a community is for its members.")
		}
		return nil
	}
	level, err := access.LevelOf(ctx, s.db, p.Community.ID)
	if err != nil {
		return err
	}
	p.Scope = narrower(p.Scope, widest(level))
	return s.keepMembers(ctx, p)
}

// keepMembers leaves out of the mentions who does not belong to those for whom a post is.
func (s *Service) keepMembers(ctx context.Context, p *Post) error {
	if p.Community == nil || !inside(p.Scope) || !p.Community.Local() {
		return nil
	}
	var named []actors.ID
	for _, a := range p.Mentions {
		named = append(named, a.ID)
	}
	belong, err := s.communities.MembersAmong(ctx, s.db, p.Community.ID, named)
	p.Mentions = slices.DeleteFunc(p.Mentions, func(a actors.Actor) bool { return !slices.Contains(belong, a.ID) })
	return err
}
