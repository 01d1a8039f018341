package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/server"
)

// orderCommands are the acts of who animates a community about people, beside memberships.
func (a *app) orderCommands() []*cobra.Command {
	return []*cobra.Command{a.ban(), a.unban(), a.bans(), a.note(), a.notes(), a.dropNote()}
}

// theirs does something in a community about a person.
func (a *app) theirs(cmd *cobra.Command, as string, args []string,
	do func(s *server.Server, c communities.Community, animator actors.ID, who actors.Actor) error) error {
	return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, animator actors.ID) error {
		who, err := someone(cmd.Context(), s, args[1])
		if err != nil {
			return err
		}
		return do(s, c, animator, who)
	})
}

func (a *app) ban() *cobra.Command {
	var as, reason string
	var days int
	var remove bool
	cmd := &cobra.Command{
		Use: "ban NAME PERSON", Short: "Keep somebody out of a community", Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.theirs(cmd, as, args, func(s *server.Server, c communities.Community, animator actors.ID, who actors.Actor) error {
				b := communities.Ban{Community: c.Actor.ID, Who: who.ID, By: animator, Reason: reason, Removed: remove}
				if cmd.Flags().Changed("days") {
					until := time.Now().Add(time.Duration(days) * 24 * time.Hour)
					b.Until = &until
				}
				if err := s.Moderation.Ban(cmd.Context(), b); err != nil {
					return err
				}
				return a.show(map[string]any{"id": who.IRI, "until": b.Until}, "banned\t"+who.Handle())
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().StringVar(&reason, "reason", "", "why: the person reads it, and so does the log")
	cmd.Flags().IntVar(&days, "days", 0, "for how long; left out: without end")
	cmd.Flags().BoolVar(&remove, "remove", false, "also take away what they posted there")
	return cmd
}

func (a *app) unban() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "unban NAME PERSON", Short: "End a ban", Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.theirs(cmd, as, args, func(s *server.Server, c communities.Community, animator actors.ID, who actors.Actor) error {
				if err := s.Moderation.Unban(cmd.Context(), animator, c.Actor.ID, who.ID); err != nil {
					return err
				}
				return a.show(map[string]any{"id": who.IRI}, "unbanned\t"+who.Handle())
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) bans() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "bans NAME", Short: "List who is kept out", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, animator actors.ID) error {
				all, err := s.Communities.Bans(cmd.Context(), animator, c.Actor.ID, 10_000)
				if err != nil {
					return err
				}
				views, lines := make([]map[string]any, 0, len(all)), make([]string, 0, len(all))
				for _, b := range all {
					until := "without end"
					if b.Until != nil {
						until = b.Until.UTC().Format(time.RFC3339)
					}
					views = append(views, map[string]any{"id": b.Person.IRI, "handle": b.Person.Handle(), "since": b.Since, "until": b.Until,
						"reason": b.Reason, "removed": b.Removed})
					lines = append(lines, fmt.Sprintf("%s\t%s\t%s", b.Person.Handle(), until, b.Reason))
				}
				return a.show(map[string]any{"bans": views}, lines...)
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) note() *cobra.Command {
	var as, words string
	cmd := &cobra.Command{
		Use: "note NAME PERSON", Short: "Tell those who animate something of a person", Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.theirs(cmd, as, args, func(s *server.Server, c communities.Community, animator actors.ID, who actors.Actor) error {
				n, err := s.Communities.AddNote(cmd.Context(), animator, c.Actor.ID, who.ID, words)
				if err != nil {
					return err
				}
				return a.show(map[string]any{"number": n.ID, "id": who.IRI}, fmt.Sprintf("%d\t%s", n.ID, n.Words))
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().StringVar(&words, "words", "", "what they read")
	return cmd
}

func (a *app) notes() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "notes NAME PERSON", Short: "List what those who animate told each other of a person", Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.theirs(cmd, as, args, func(s *server.Server, c communities.Community, animator actors.ID, who actors.Actor) error {
				all, err := s.Communities.Notes(cmd.Context(), animator, c.Actor.ID, who.ID)
				if err != nil {
					return err
				}
				views, lines := make([]map[string]any, 0, len(all)), make([]string, 0, len(all))
				for _, n := range all {
					views = append(views, map[string]any{"number": n.ID, "words": n.Words, "at": n.At})
					lines = append(lines, fmt.Sprintf("%d\t%s\t%s", n.ID, n.At.UTC().Format("2006-01-02"), strings.ReplaceAll(n.Words, "\n", " ")))
				}
				return a.show(map[string]any{"notes": views}, lines...)
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) dropNote() *cobra.Command {
	return a.numbered("drop-note", "Erase a note of one's own", func(cmd *cobra.Command, s *server.Server, animator, community actors.ID, id int64) error {
		return s.Communities.DropNote(cmd.Context(), animator, community, id)
	})
}

// numbered is an act on what a community counts.
func (a *app) numbered(name, short string, do func(cmd *cobra.Command, s *server.Server, animator, community actors.ID, id int64) error) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: name + " NAME NUMBER", Short: short, Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var id int64
			if _, err := fmt.Sscan(args[1], &id); err != nil {
				return misused(cmd, err)
			}
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, animator actors.ID) error {
				if err := do(cmd, s, animator, c.Actor.ID, id); err != nil {
					return err
				}
				return a.show(map[string]any{"number": id, "done": name}, name+": "+args[1])
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}
