package main

import (
	"runtime/debug"
	"slices"
	"strings"
)

const (
	growth  = 600       // percent: a sixth of the collections that Go would make
	ceiling = 200 << 20 // bytes: near them it collects as often as it must
)

// tuneMemory takes memory that we may take to spare processor time, unless the
// administrator chose otherwise by Go's own variables.
func tuneMemory(environ []string) {
	chosen := func(name string) bool {
		return slices.ContainsFunc(environ, func(v string) bool { return strings.HasPrefix(v, name+"=") })
	}
	if !chosen("GOGC") {
		debug.SetGCPercent(growth)
	}
	if !chosen("GOMEMLIMIT") {
		debug.SetMemoryLimit(ceiling)
	}
}
