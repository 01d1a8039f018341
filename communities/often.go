package communities

import (
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/pace"
)

// What a community bears of those who come to it.
const (
	mostComings     = 5   // of one person within an hour: to join, to ask, to follow
	mostWaitingHost = 100 // who ask from one server and were not answered
	mostWaiting     = 2000
	mostTold        = 20 // beyond, those who animate it see in its list who asks, and are told nothing more
)

// coming is who comes where.
type coming struct{ community, who actors.ID }

func newComings() *pace.Pace[coming] { return &pace.Pace[coming]{Most: mostComings, Within: time.Hour} }

// comes refuses who comes again and again, leaving between: each time others are told. The thing that
// they do is counted once, however often its transaction is tried.
func (s *Service) comes(community, who actors.ID, thing string) error {
	after, may := s.comings.Take(coming{community, who}, thing, s.now())
	if !may {
		return fault.Later(fault.TooMany, "You have come to this community very often within an hour: wait a little.", after)
	}
	return nil
}

// comesFrom is comes for who lives elsewhere; what they ask is not asked again by itself.
func (s *Service) comesFrom(community, who actors.ID, thing string) error {
	if err := s.comes(community, who, thing); err != nil {
		return fault.Wrap(fault.Forbidden, "This person has come to this community very often within an hour.", err)
	}
	return nil
}

// crowd is how many ask to be members of a community, and were not answered.
type crowd struct {
	All      int
	FromHost int // elsewhere, of who asks too
}

// tooMany refuses who asks where too many do already.
func (c crowd) tooMany() error {
	if c.All >= mostWaiting || c.FromHost >= mostWaitingHost {
		return fault.New(fault.Forbidden, "Too many ask to be members of this community and were not answered yet.")
	}
	return nil
}
