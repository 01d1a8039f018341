package actors

import "testing"

// TestDiscretion: what a server does with what is for members, by what it says that it runs.
func TestDiscretion(t *testing.T) {
	t.Parallel()
	for host, want := range map[Host]Discretion{
		{Software: "passerelles", Version: "0.1.0"}: Discreet,
		{Software: "Lemmy", Version: "1.0.0"}:       Discreet,
		{Software: "lemmy", Version: "0.19.5"}:      Indiscreet,
		{Software: "lemmy"}:                         Discreet,
		{Software: "piefed", Version: "1.6"}:        Indiscreet,
		{Software: "mastodon", Version: "4.5"}:      Indiscreet,
		{Software: "something"}:                     Untried,
		{}:                                          Untried,
	} {
		if got := host.Discretion(); got != want {
			t.Errorf("%s %s: %s, want %s", host.Software, host.Version, got, want)
		}
	}
}
