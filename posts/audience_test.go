package posts_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
)

func TestAPostSendsUsToFewServers(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	var audience []string
	documents := map[string]string{}
	for i := range 50 {
		audience = append(audience, fmt.Sprintf(`"PEER/victim/%d"`, i))
	}
	documents["/1"] = strings.Replace(laid("1", ""), `"to":`, `"audience":[`+strings.Join(audience, ",")+`],"to":`, 1)
	var asked atomic.Int64
	tw.dir = actors.New(actors.Options{DB: tw.db, IRIs: iris(), Secret: bytes.Repeat([]byte{7}, 32), Now: tw.clock.Now,
		Client: federation.NewClient(federation.Options{Origin: origin, UserAgent: "test"}),
		Allowed: func(context.Context, string) error {
			asked.Add(1)
			return fault.New(fault.Forbidden, "not in this test")
		}})
	service, peer := fetching(t, tw, documents)
	tw.remote(t, "una", strings.TrimPrefix(peer.URL, "https://"), actors.Person, actors.Unknown)
	_, err := service.Fetch(t.Context(), peer.URL+"/1")
	check(t, err)
	if n := asked.Load(); n == 0 || n > 3 {
		t.Errorf("one post made us ask %d times", n)
	}
}
