package main

import (
	"strings"

	"passerelles/actors"
	"passerelles/server"
)

// full gives handles with their servers, ours too.
func full(s *server.Server, people []actors.Actor) []string {
	all := []string{}
	for _, a := range people {
		handle := a.Handle()
		if a.Local() {
			handle += "@" + s.Config.Host()
		}
		all = append(all, handle)
	}
	return all
}

// alike warns of somebody who may be taken for one of these; "" if there is none.
func alike(s *server.Server, people []actors.Actor) string {
	if len(people) == 0 {
		return ""
	}
	return "\tlike " + strings.Join(full(s, people), ", ")
}
