package communities

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
	"time"

	"passerelles/actors"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/storage"
)

// What a community lets in and tells its followers.
type What struct {
	Activity                  []byte // as its author signed it, spliced byte for byte
	ActivityIRI, ActivityType string
	Object                    string       // IRI of the post that it concerns
	Author                    actors.Actor // of the post; its server hears of a starter also when it does not follow
	Root                      int64        // first post of the thread, for the order of delivery
	Starter                   bool         // it creates the first post of a thread
	Again                     int          // how often the post came back before
	At                        time.Time
	Since                     time.Time // not zero: reaches also those whose follow or membership ended after it
	Circle                    Circle
}

// Announce tells the followers of a community of ours what it let in, in the
// form that each server wants: the activity itself (FEP-1b12), and for the first
// post of a thread also the post's address, which microblogs show as a boost.
//
// The ids are made of what is announced, so that a second run sends nothing more.
func (s *Service) Announce(ctx context.Context, tx storage.Tx, community actors.Actor, w What) error {
	forms, err := s.forms(community, w)
	if err != nil {
		return err
	}
	return outbox.Send(ctx, tx, w.Circle.audience(community, w.Since), forms...)
}

// AnnounceNew tells many things at once, of which nobody who left was told before.
func (s *Service) AnnounceNew(ctx context.Context, tx storage.Tx, community actors.Actor, all []What) error {
	forms := map[Circle][]outbox.Activity{}
	for _, w := range all {
		more, err := s.forms(community, w)
		if err != nil {
			return err
		}
		forms[w.Circle] = append(forms[w.Circle], more...)
	}
	for _, circle := range []Circle{ForFollowers, ForMembers, ForAnimators} {
		if err := outbox.Send(ctx, tx, circle.audience(community, time.Time{}), forms[circle]...); err != nil {
			return err
		}
	}
	return nil
}

// forms makes what is sent. The server of who began a thread hears of it also
// when nobody there follows. What is not for everybody has one form: no microblog shows it.
func (s *Service) forms(community actors.Actor, w What) ([]outbox.Activity, error) {
	whole, err := s.announceActivity(community, w)
	if err != nil || !w.Starter || w.Circle != ForFollowers {
		return []outbox.Activity{whole}, err
	}
	boost, err := s.announceObject(community, w)
	if !w.Author.Local() {
		whole.Also, boost.Also = []actors.ID{w.Author.ID}, []actors.ID{w.Author.ID}
	}
	return []outbox.Activity{whole, boost}, err
}

func (s *Service) announceActivity(community actors.Actor, w What) (outbox.Activity, error) {
	inner := w.ActivityIRI
	if inner == "" {
		inner = string(w.Activity)
	}
	a := s.announce(community, w.At, key(community.IRI, inner, "activity"))
	a.Object = vocab.Ref{ID: w.ActivityIRI, Type: w.ActivityType, Raw: w.Activity}
	w.Circle.address(&a, community)
	body, err := a.Encode()
	return w.Circle.enclose(outbox.Activity{IRI: a.ID, Type: a.Type, Object: w.Object, Actor: community.ID, Body: body, Thread: w.Root,
		Listed: w.Starter, Published: w.At, For: actors.Unknown | actors.Threads}, community, w), err
}

func (s *Service) announceObject(community actors.Actor, w What) (outbox.Activity, error) {
	a := s.announce(community, w.At, boostKey(community, w.Object, w.Again))
	a.Object = vocab.Link(w.Object)
	if w.Author.IRI != "" {
		a.Cc = append(a.Cc, w.Author.IRI)
	}
	body, err := a.Encode()
	return outbox.Activity{IRI: a.ID, Type: a.Type, Object: w.Object, Actor: community.ID, Body: body, Thread: w.Root,
		Published: w.At, For: actors.Unknown | actors.Microblog}, err
}

// announce names Public in to, so that Mastodon makes it a public boost.
func (s *Service) announce(community actors.Actor, at time.Time, key string) vocab.Activity {
	return vocab.Activity{ID: s.iris.Activity(key), Type: "Announce", Actor: community.IRI,
		To: []string{vocab.Public}, Cc: []string{community.Followers}, Audience: []string{community.IRI}, Published: at}
}

// Reannounce boosts a post anew that came back, for servers that only know boosts.
func (s *Service) Reannounce(ctx context.Context, tx storage.Tx, community actors.Actor, w What) error {
	boost, err := s.announceObject(community, w)
	if err != nil {
		return err
	}
	return outbox.Send(ctx, tx, outbox.Audience{FollowersOf: []actors.ID{community.ID}}, boost)
}

// Gone is a post that a community no longer shows.
type Gone struct {
	Object    string // IRI of the post
	Root      int64
	Again     int // how often it came back before
	At, Since time.Time
}

// Unannounce takes back the boost of a post from servers that only know boosts:
// they do not believe a group that a post of others is deleted.
func (s *Service) Unannounce(ctx context.Context, tx storage.Tx, community actors.Actor, g Gone) error {
	boost := vocab.Activity{ID: s.iris.Activity(boostKey(community, g.Object, g.Again)), Type: "Announce",
		Actor: community.IRI, Object: vocab.Link(g.Object), To: []string{vocab.Public}, Cc: []string{community.Followers}}
	boosted, err := boost.Embed()
	if err != nil {
		return err
	}
	undo := s.announce(community, g.At, key(nth(g.Again, community.IRI, g.Object, "undo object")...))
	undo.Type, undo.Object = "Undo", boosted
	body, err := undo.Encode()
	if err != nil {
		return err
	}
	return outbox.Send(ctx, tx, outbox.Audience{FollowersOf: []actors.ID{community.ID}, FormerSince: g.Since},
		outbox.Activity{IRI: undo.ID, Type: undo.Type, Object: g.Object, Actor: community.ID, Body: body, Thread: g.Root,
			Published: g.At, For: actors.Unknown | actors.Microblog})
}

func boostKey(community actors.Actor, object string, again int) string {
	return key(nth(again, community.IRI, object, "object")...)
}

// nth tells apart what is said anew.
func nth(again int, parts ...string) []string {
	if again == 0 {
		return parts
	}
	return append(parts, strconv.Itoa(again))
}

// key names an activity by what it is made of.
func key(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:26])
}

// send sends an activity that concerns no thread.
func send(ctx context.Context, tx storage.Tx, audience outbox.Audience, by actors.Actor, a vocab.Activity) error {
	body, err := a.Encode()
	if err != nil {
		return err
	}
	return outbox.Send(ctx, tx, audience, outbox.Activity{IRI: a.ID, Type: a.Type, Object: a.Object.ID,
		Actor: by.ID, Body: body, Thread: int64(by.ID), Published: a.Published})
}
