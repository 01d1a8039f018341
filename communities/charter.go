package communities

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/text"
)

// Charter is what a community expects of its members, in one of its versions.
type Charter struct {
	Version int    // from 1 on; 0: there never was one
	Source  string // in Markdown; "": it was taken back
	By      actors.ID
	At      time.Time
}

// Asks says whether there is something to accept.
func (c Charter) Asks() bool { return c.Source != "" }

// HTML is its text, cleaned.
func (c Charter) HTML() string { return describe(c.Source) }

// Bounds of what a community asks, in characters and in number.
const (
	longestCharter  = 50_000
	longestQuestion = 300
	longestAnswer   = 2000
	mostQuestions   = 5
	mostVersions    = 1000
)

// Charter gives the current charter of a community of ours; a zero one where there never was any.
func (s *Service) Charter(ctx context.Context, q storage.Querier, community actors.ID) (Charter, error) {
	return currentCharter(ctx, q, community)
}

// Charters gives the versions of a charter, the latest first.
func (s *Service) Charters(ctx context.Context, community actors.ID) ([]Charter, error) {
	return charterVersions(ctx, s.db, community, mostVersions)
}

// SetCharter lets an animator write a new version; without words it takes the charter back. What
// reads as it did makes none. Members are asked to accept it, and lose nothing meanwhile.
func (s *Service) SetCharter(ctx context.Context, animator, community actors.ID, source string) (Charter, error) {
	source = strings.TrimSpace(strings.ReplaceAll(source, "\r\n", "\n"))
	if utf8.RuneCountInString(source) > longestCharter {
		return Charter{}, fault.New(fault.TooLarge, "A charter may have 50,000 characters.")
	}
	var c Charter
	err := s.db.Write(ctx, func(tx storage.Tx) (err error) {
		if err := s.requireAnimator(ctx, tx, community, animator); err != nil {
			return err
		}
		if c, err = currentCharter(ctx, tx, community); err != nil || c.Source == source {
			return err
		}
		c = Charter{Version: c.Version + 1, Source: source, By: animator, At: s.now()}
		if err := insertCharter(ctx, tx, community, c); err != nil {
			return err
		}
		return insertAcceptance(ctx, tx, acceptance{community, animator, c.Version, c.At}) // who writes it accepts it
	})
	return c, err
}

// AcceptCharter records that a member accepts the charter as it stands; version is the one
// that they read.
func (s *Service) AcceptCharter(ctx context.Context, who, community actors.ID, version int) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		role, err := roleOf(ctx, tx, community, who)
		if err != nil {
			return err
		}
		if role == "" {
			return fault.New(fault.Forbidden, "Only members accept a charter: join first.")
		}
		return s.agree(ctx, tx, community, who, version)
	})
}

// agree demands that somebody read the charter as it stands, if there is one, and records it.
func (s *Service) agree(ctx context.Context, tx storage.Tx, community, who actors.ID, version int) error {
	c, err := currentCharter(ctx, tx, community)
	switch {
	case err != nil || !c.Asks():
		return err
	case version == 0:
		return fault.New(fault.Invalid, "Read the charter of the community, and accept it.")
	case version != c.Version:
		return fault.New(fault.Conflict, "The charter was changed meanwhile: read it again.")
	}
	return insertAcceptance(ctx, tx, acceptance{community, who, version, s.now()})
}

// Accepted gives the latest version of the charter that somebody accepted, 0 for none, and when.
func (s *Service) Accepted(ctx context.Context, q storage.Querier, community, who actors.ID) (version int, at time.Time, err error) {
	a, err := lastAcceptance(ctx, q, community, who)
	return a.Version, a.At, err
}

// AsksAgain gives the charter that a member has not accepted yet; a zero one if there is none.
func (s *Service) AsksAgain(ctx context.Context, q storage.Querier, community, who actors.ID) (Charter, error) {
	c, err := currentCharter(ctx, q, community)
	if err != nil || !c.Asks() {
		return Charter{}, err
	}
	accepted, _, err := s.Accepted(ctx, q, community, who)
	if err != nil || accepted >= c.Version {
		return Charter{}, err
	}
	return c, nil
}

// Questions gives what a community asks of whoever would be a member.
func (s *Service) Questions(ctx context.Context, q storage.Querier, community actors.ID) ([]string, error) {
	return questionsOf(ctx, q, community)
}

// SetQuestions lets an animator choose them; those without words are left out.
func (s *Service) SetQuestions(ctx context.Context, animator, community actors.ID, questions []string) error {
	var all []string
	for _, q := range questions {
		if q = text.OneLine(q); q != "" {
			all = append(all, q)
		}
	}
	switch {
	case len(all) > mostQuestions:
		return fault.New(fault.Invalid, "A community asks five questions at most.")
	case slices.ContainsFunc(all, func(q string) bool { return utf8.RuneCountInString(q) > longestQuestion }):
		return fault.New(fault.Invalid, "A question may have 300 characters.")
	}
	return s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.requireAnimator(ctx, tx, community, animator); err != nil {
			return err
		}
		return replaceQuestions(ctx, tx, community, all)
	})
}

// Answer is what who asks to be a member answered to a question, as it was then.
type Answer struct{ Question, Words string }

// answered joins answers to the questions; each is to be answered.
func answered(questions, answers []string) ([]Answer, error) {
	all := make([]Answer, len(questions))
	for i, q := range questions {
		if i < len(answers) {
			all[i] = Answer{q, strings.TrimSpace(answers[i])}
		}
		switch {
		case all[i].Words == "":
			return nil, fault.New(fault.Invalid, "Answer each question of the community.")
		case utf8.RuneCountInString(all[i].Words) > longestAnswer:
			return nil, fault.New(fault.TooLarge, "An answer may have 2,000 characters.")
		}
	}
	return all, nil
}
