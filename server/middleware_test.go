package server

import (
	"net/url"
	"testing"
)

func TestLegible(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"/@ana": true, "/follow?who=%40zo%C3%A9%40far.example": true, "/?a=%zz": true,
		"/@%00": false, "/c/x@%ff": false, "/communities?after=%00": false, "/communities?after=%ff": false,
		"/?ok=%zz&after=%00": false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := legible(u); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}
