package moderation

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
)

// Neighbour is what those who animate a community should know of the server of somebody who asks
// to belong: before its first member above all, since what is for members then goes there.
type Neighbour struct {
	actors.Host
	Policy  access.Policy // what is decided about it here
	Members int           // of the community, who live there
}

// First says whether nobody of that server is a member yet.
func (n Neighbour) First() bool { return n.Members == 0 }

// Neighbours gives the servers of people by their names; who lives here has none.
func (s *Service) Neighbours(ctx context.Context, community actors.ID, people []actors.Actor) (map[string]Neighbour, error) {
	all := map[string]Neighbour{}
	for _, who := range people {
		if _, known := all[who.Host]; known || who.Local() {
			continue
		}
		n := Neighbour{Host: actors.Host{ID: who.HostID, Name: who.Host}}
		host, err := s.Directory.HostByName(ctx, who.Host)
		if err == nil {
			n.Host = host
		} else if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		if n.Policy, err = s.Hosts.About(ctx, who.Host); err != nil {
			return nil, err
		}
		if n.Members, err = s.Communities.MembersAt(ctx, s.DB, community, who.HostID); err != nil {
			return nil, err
		}
		all[who.Host] = n
	}
	return all, nil
}
