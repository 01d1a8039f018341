package posts

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/storage"
)

// saying is an activity about a post, before it is sent.
type saying struct {
	post  Post
	by    actors.Actor
	what  vocab.Activity
	since time.Time // not zero: also to those whose follow ended after it
}

func (s *Service) say(kind string, by actors.Actor, p Post, at time.Time) saying {
	a := vocab.Activity{ID: s.iris.NewActivity(), Type: kind, Actor: by.IRI, Published: at}
	a.To, a.Cc = addressing(p)
	if p.Community != nil {
		a.Audience = []string{p.Community.IRI}
	}
	return saying{post: p, by: by, what: a}
}

// sayPost makes the Create or Update of a post of ours, which stands in it whole.
func (s *Service) sayPost(ctx context.Context, tx storage.Tx, kind string, p Post, at time.Time) (saying, error) {
	whole, err := s.documentForAll(ctx, tx, p)
	if err != nil {
		return saying{}, err
	}
	note, err := whole.Embed()
	if err != nil {
		return saying{}, err
	}
	a := s.say(kind, p.Author, p, at)
	a.what.Object = note
	return a, nil
}

// sayDelete makes the Delete of a post, with the id alone as its object, which
// every server understands. An animator gives the reason: that is how Lemmy
// tells a removal from its author's second thoughts.
func (s *Service) sayDelete(by actors.Actor, p Post, at time.Time) saying {
	a := s.say("Delete", by, p, at)
	a.what.Object = vocab.Link(p.IRI)
	a.since = p.Published.Add(-time.Minute) // clocks differ
	if by.ID != p.Author.ID {
		a.what.Summary = "Removed by an animator of the community."
	}
	return a
}

// sayLike makes a Like. It goes to the author and to the community, and is not
// for the followers of who likes.
func (s *Service) sayLike(iri string, by actors.Actor, p Post) vocab.Activity {
	a := vocab.Activity{ID: iri, Type: "Like", Actor: by.IRI, Object: vocab.Link(p.IRI), To: []string{p.Author.IRI}}
	if p.Community != nil {
		a.Cc, a.Audience = []string{p.Community.IRI}, []string{p.Community.IRI}
	}
	return a
}

// send sends what is said to those for whom the post is.
func (s *Service) send(ctx context.Context, tx storage.Tx, a saying) error {
	audience := outbox.Audience{To: recipients(a.post), FormerSince: a.since}
	if shown(a.post.Scope) && a.by.ID == a.post.Author.ID {
		audience.FollowersOf = []actors.ID{a.by.ID}
	}
	if c := a.post.Community; c != nil && c.Local() && c.Gone && !a.since.IsZero() { // it tells nobody any more: its author does
		if shown(a.post.Scope) {
			audience.FollowersOf = append(audience.FollowersOf, c.ID)
		} else {
			audience.MembersOf = c.ID
		}
	}
	return s.sendTo(ctx, tx, audience, a)
}

// sendTo also has the post's community tell it.
func (s *Service) sendTo(ctx context.Context, tx storage.Tx, audience outbox.Audience, a saying) error {
	body, err := s.put(ctx, tx, audience, a)
	if err != nil {
		return err
	}
	return s.announce(ctx, tx, a, body)
}

// put proves what is said and lays it out for its readers; it gives it as it leaves.
func (s *Service) put(ctx context.Context, tx storage.Tx, audience outbox.Audience, a saying) ([]byte, error) {
	body, err := s.dir.Prove(ctx, tx, a.by.ID, a.what)
	if err != nil {
		return nil, err
	}
	listed := (a.what.Type == "Create" || a.what.Type == "Announce") && shown(a.post.Scope)
	return body, outbox.Send(ctx, tx, audience, outbox.Activity{IRI: a.what.ID, Type: a.what.Type, Object: a.post.IRI,
		Actor: a.by.ID, Body: body, Thread: a.post.Root, Listed: listed, Published: a.what.Published})
}

// announce lets the post's community of ours tell it to those who follow it.
func (s *Service) announce(ctx context.Context, tx storage.Tx, a saying, body []byte) error {
	c := a.post.Community
	circle, told := circleOf(a.post.Scope)
	if c == nil || !c.Local() || c.Gone || !a.post.Announced || !told {
		return nil
	}
	starts := a.what.Type == "Create" && a.post.Starter()
	err := s.communities.Announce(ctx, tx, *c, communities.What{Activity: body, ActivityIRI: a.what.ID,
		ActivityType: a.what.Type, Object: a.post.IRI, Author: a.post.Author, Root: a.post.Root, Starter: starts,
		At: a.what.Published, Since: a.since, Circle: circle})
	if err != nil || a.what.Type != "Delete" || !a.post.Starter() || circle != communities.ForFollowers {
		return err
	}
	again, err := s.communities.TimesRestored(ctx, tx, a.post.ID)
	if err != nil {
		return err
	}
	return s.communities.Unannounce(ctx, tx, *c, communities.Gone{Object: a.post.IRI, Root: a.post.Root, Again: again,
		At: a.what.Published, Since: a.since})
}

// recipients are those who are named, and the community elsewhere. Ours are
// passed over by outbox. What is for those who belong to a community goes through it alone.
func recipients(p Post) []actors.ID {
	var all []actors.ID
	if p.Community != nil {
		all = append(all, p.Community.ID)
	}
	if inside(p.Scope) {
		return all
	}
	for _, a := range p.Mentions {
		all = append(all, a.ID)
	}
	return all
}
