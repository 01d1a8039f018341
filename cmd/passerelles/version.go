package main

import (
	"cmp"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"passerelles/server"
)

// build is what a program was made of.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Time    string `json:"time,omitempty"` // of the commit, as RFC 3339
	Changed bool   `json:"changed"`        // since that commit
	Go      string `json:"go"`
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Tell which version this is, and of what commit it was built", Args: exactly(0),
		RunE: func(*cobra.Command, []string) error {
			b := builtFrom()
			return a.show(b, b.line())
		},
	}
}

// builtFrom asks the program itself. Go writes the commit in when it builds in a clone.
func builtFrom() build {
	b := build{Version: server.Version}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Go = info.GoVersion
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Changed = s.Value == "true"
		}
	}
	return b
}

func (b build) line() string {
	changed := ""
	if b.Changed {
		changed = ", changed since"
	}
	return fmt.Sprintf("passerelles %s (commit %s%s, %s)", b.Version, cmp.Or(b.Commit, "unknown"), changed, b.Go)
}
