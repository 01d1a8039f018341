package moderation

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"

	"passerelles/access"
	"passerelles/acts"
	"passerelles/fault"
)

// The columns of a list of servers as Mastodon writes and reads it, and its words for policies.
var (
	columns    = []string{"#domain", "#severity", "#reject_media", "#reject_reports", "#public_comment", "#obfuscate"}
	severities = map[string]string{access.Unjudged: "noop", access.Silenced: "silence", access.Suspended: "suspend"}
)

// mostImported bounds the lines of a list; those in use have some thousands.
const mostImported = 50_000

// ExportHosts writes what is decided against servers, as Mastodon does.
func (s *Service) ExportHosts(ctx context.Context, w io.Writer) error {
	all, err := s.Hosts.List(ctx)
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	_ = out.Write(columns) // Error tells of it
	for _, p := range all {
		if p.Policy == access.Unjudged && !p.RejectMedia {
			continue
		}
		_ = out.Write([]string{p.Host, severities[p.Policy], strconv.FormatBool(p.RejectMedia), "false", p.Reason, "false"})
	}
	out.Flush()
	return out.Error()
}

// Imported is what became of a list.
type Imported struct {
	Taken   int      // decisions that it made, or that stood already
	Skipped []string // what is no name of a server, such as one that was made unreadable on purpose
}

// ImportHosts makes decisions stricter by a list that Mastodon or we wrote: it takes nothing back.
// A list that cannot be read changes nothing.
func (s *Service) ImportHosts(ctx context.Context, by acts.By, r io.Reader) (done Imported, err error) {
	list, err := readHosts(r)
	if err != nil {
		return done, err
	}
	for _, p := range list {
		err := s.DecideHost(ctx, by, p)
		switch {
		case fault.Is(err, fault.Invalid):
			done.Skipped = append(done.Skipped, p.Host)
		case err != nil:
			return done, err
		default:
			done.Taken++
		}
	}
	return done, nil
}

// readHosts reads a list. Its first line may name its columns, in any order; one without that
// holds servers to be suspended.
func readHosts(r io.Reader) (all []access.Policy, err error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord, in.TrimLeadingSpace = -1, true
	place := map[string]int{"domain": 0}
	for line := 0; ; line++ {
		fields, err := in.Read()
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fault.Wrap(fault.Invalid, "This list cannot be read.", err)
		case line > mostImported:
			return nil, fault.New(fault.TooLarge, "This list is too long.")
		}
		fields[0] = strings.TrimPrefix(fields[0], "\ufeff")
		if name := strings.ToLower(fields[0]); line == 0 && (strings.HasPrefix(name, "#") || name == "domain") {
			place = placesOf(fields)
			continue
		}
		p, err := readHost(fields, place)
		if err != nil {
			return nil, err
		}
		if p.Host != "" {
			all = append(all, p)
		}
	}
}

func placesOf(fields []string) map[string]int {
	place := map[string]int{}
	for i, name := range fields {
		place[strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "#")] = i
	}
	return place
}

func readHost(fields []string, place map[string]int) (access.Policy, error) {
	get := func(name string) string {
		if i, ok := place[name]; ok && i < len(fields) {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	p := access.Policy{Host: get("domain"), Reason: get("public_comment")}
	p.RejectMedia, _ = strconv.ParseBool(strings.ToLower(get("reject_media"))) // what is neither yes nor no is no
	switch strings.ToLower(get("severity")) {
	case "", "suspend":
		p.Policy = access.Suspended
	case "silence", "limit":
		p.Policy = access.Silenced
	case "noop", "none":
		p.Policy = access.Unjudged
	default:
		return p, fault.New(fault.Invalid, "This list cannot be read: it has a severity that is not known.")
	}
	return p, nil
}
