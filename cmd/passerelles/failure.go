package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"passerelles/fault"
)

// The exit codes, for scripts.
const (
	exitInternal = 1
	exitUsage    = 2 // the command line or the settings
	exitNotFound = 3
	exitRefused  = 4 // what a doctor finds wrong, too
	exitConflict = 5
	exitAway     = 6 // the database, Redis or another server does not answer
)

var exits = map[fault.Kind]int{
	fault.Invalid: exitUsage, fault.TooLarge: exitUsage, fault.UnsupportedMedia: exitUsage, fault.NotFound: exitNotFound, fault.Gone: exitNotFound,
	fault.Unauthenticated: exitRefused, fault.Forbidden: exitRefused, fault.TooMany: exitRefused,
	fault.Conflict: exitConflict, fault.Unavailable: exitAway,
}

// failure is what is told of an error with --json.
type failure struct {
	Error string `json:"error"`
	Cause string `json:"cause,omitempty"`
	Exit  int    `json:"exit"`
}

// report tells what went wrong, and gives the exit code. People read the sentence of a
// fault; its cause is for the log, unless it is about what is away, which they can mend.
func (a *app) report(err error) int {
	f := failureOf(err)
	if a.json {
		answer, _ := json.Marshal(f) // strings and ints always marshal
		fmt.Fprintln(a.err, string(answer))
		return f.Exit
	}
	fmt.Fprintln(a.err, f.Error)
	switch {
	case f.Cause == "":
	case f.Exit == exitAway:
		fmt.Fprintln(a.err, f.Cause)
	case a.log != nil:
		a.log.Debug("the command failed", "cause", f.Cause)
	}
	return f.Exit
}

func failureOf(err error) failure {
	f := failure{Error: err.Error(), Exit: exitInternal}
	if code, ok := exits[fault.KindOf(err)]; ok {
		f.Exit = code
	}
	if strings.HasPrefix(f.Error, "unknown command") || strings.HasPrefix(f.Error, "required flag") {
		f.Exit = exitUsage // cobra has no type for these
	}
	if message := fault.Message(err); message != "" {
		f.Error = message
		if cause := fault.Cause(err); cause != nil {
			f.Cause = cause.Error()
		}
	}
	f.Error = sentence(f.Error)
	return f
}

// misused says what is wrong with the arguments, and what they are to be.
func misused(cmd *cobra.Command, err error) error {
	return fault.New(fault.Invalid, sentence(err.Error())+"\nUsage: "+cmd.UseLine())
}

// sentence begins with a capital, unless with a name, and ends with a stop; of several
// lines, only the first begins so.
func sentence(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if !strings.ContainsAny(word, "./_@") {
		first, size := utf8.DecodeRuneInString(text)
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if !strings.Contains(text, "\n") && !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
		text += "."
	}
	return text
}
