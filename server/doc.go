// Package server builds every part of Passerelles, joins them and runs them.
//
// Build makes the parts from the bottom up and joins them by hand: nothing
// here is global. The command line uses the parts directly; Serve adds the
// listeners and the workers, Work the workers alone. Each ends with its context.
package server
