package communities

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones are checked here, also where the system has none
	"unicode/utf8"

	"passerelles/actors"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/text"
)

// New is what it takes to make a community.
type New struct {
	Name, Title, Source string        // Source: its description in Markdown
	Access              actors.Access // empty: open
	Language, Zone      string        // empty: fr, America/Toronto
	Animator            actors.ID
	By                  acts.By // who makes it for its animator; what a member founds is noted nowhere
}

// Profile is what a community says of itself.
type Profile struct {
	Title, Source string
	Language      string // empty: as it was
}

const noName = "The name must have 3 to 30 characters: a to z, 0 to 9 and _."

// Bounds of what is typed, in characters.
const (
	longestTitle  = 100
	longestSource = 20_000
)

// Create makes a community for its animator, who owns it and follows it.
func (s *Service) Create(ctx context.Context, n New) (Community, error) {
	return s.create(ctx, n, func(tx storage.Tx, made actors.ID) error {
		return acts.Record(ctx, tx, acts.Act{At: s.now(), Kind: acts.CreateCommunity, By: n.By, Target: made})
	})
}

func (s *Service) create(ctx context.Context, n New, then func(storage.Tx, actors.ID) error) (Community, error) {
	n, err := n.check()
	if err != nil {
		return Community{}, err
	}
	if n.Name, err = nameFor(n.Access, n.Name); err != nil {
		return Community{}, err
	}
	var c Community
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		a, err := s.dir.CreateLocal(ctx, tx, actors.NewLocal{Kind: actors.Group, Name: n.Name, Title: n.Title,
			Summary: describe(n.Source), Source: n.Source, Discoverable: n.Access == actors.Open, Indexable: n.Access == actors.Open})
		if err != nil {
			return err
		}
		a.Access = n.Access
		c = Community{Actor: a, Access: n.Access, Language: n.Language, Zone: n.Zone, CreatedAt: s.now()}
		if err := insertCommunity(ctx, tx, c, n.Animator); err != nil {
			return err
		}
		if err := s.admit(ctx, tx, a.ID, n.Animator, RoleOwner); err != nil {
			return err
		}
		return then(tx, a.ID)
	})
	return c, err
}

// nameFor adds eight random characters to the name of a confidential community, so that no
// clash of names tells that there is one, and nobody finds it by trying.
func nameFor(level actors.Access, name string) (string, error) {
	if level != actors.Confidential {
		return name, nil
	}
	name += "_" + strings.ToLower(rand.Text()[:8])
	if !text.ValidName(name) {
		return "", fault.New(fault.Invalid, "The name of a confidential community must have 3 to 21 characters.")
	}
	return name, nil
}

// admit makes a member of ours a member who follows.
func (s *Service) admit(ctx context.Context, tx storage.Tx, community, who actors.ID, role string) error {
	now := s.now()
	if err := insertMembership(ctx, tx, membership{community, who, role, now}); err != nil {
		return err
	}
	return s.dir.SetFollow(ctx, tx, actors.Follow{Followee: community, Follower: who, State: actors.Accepted,
		IRI: s.iris.NewActivity(), AskedAt: now, AnsweredAt: now})
}

func (n New) check() (New, error) {
	n.Title, n.Source = text.OneLine(n.Title), strings.TrimSpace(n.Source)
	if n.Access == "" {
		n.Access = actors.Open
	}
	if n.Language == "" {
		n.Language = "fr"
	}
	if n.Zone == "" {
		n.Zone = "America/Toronto"
	}
	switch {
	case !text.ValidName(n.Name):
		return n, fault.New(fault.Invalid, noName)
	case !slices.Contains([]actors.Access{actors.Open, actors.ForMembers, actors.Confidential}, n.Access):
		return n, fault.New(fault.Invalid, "A community is open, for members or confidential.")
	case n.Animator == 0:
		return n, fault.New(fault.Invalid, "A community needs somebody who animates it.")
	}
	if _, err := time.LoadLocation(n.Zone); err != nil {
		return n, fault.Wrap(fault.Invalid, "This time zone is not known.", err)
	}
	return n, Profile{n.Title, n.Source, n.Language}.check()
}

func (p Profile) check() error {
	switch {
	case p.Title == "":
		return fault.New(fault.Invalid, "A community needs a title.")
	case utf8.RuneCountInString(p.Title) > longestTitle:
		return fault.New(fault.Invalid, "The title may have 100 characters.")
	case utf8.RuneCountInString(p.Source) > longestSource:
		return fault.New(fault.Invalid, "The description may have 20,000 characters.")
	case p.Language != "" && !text.ValidLanguage(p.Language):
		return fault.New(fault.Invalid, "This language code is not one.")
	}
	return nil
}

func describe(source string) string { return text.Markdown(source, text.Options{}).HTML }
