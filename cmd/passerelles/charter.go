package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/server"
)

// charterCommands are about what a community asks of whoever would be a member.
func (a *app) charterCommands() []*cobra.Command {
	return []*cobra.Command{a.charterShow(), a.charterSet(), a.charterAccept(), a.questionsShow(), a.questionsSet()}
}

func (a *app) charterShow() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "charter NAME", Short: "Show the charter of a community", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				c, err := s.Communities.ByName(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				versions, err := s.Communities.Charters(cmd.Context(), c.Actor.ID)
				if err != nil {
					return err
				}
				if len(versions) == 0 {
					return fault.New(fault.NotFound, "this community has no charter")
				}
				if !all {
					versions = versions[:1]
				}
				views, lines := make([]map[string]any, 0, len(versions)), make([]string, 0, len(versions))
				for _, v := range versions {
					views = append(views, map[string]any{"version": v.Version, "at": v.At, "source": v.Source})
					lines = append(lines, fmt.Sprintf("version %d\t%s\n%s", v.Version, v.At.UTC().Format("2006-01-02"), v.Source))
				}
				return a.show(map[string]any{"id": c.Actor.IRI, "versions": views}, lines...)
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "each version, the latest first")
	return cmd
}

func (a *app) charterSet() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "set-charter NAME", Short: "Write a new version of the charter, in Markdown from standard input; empty: take it back", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			source, err := io.ReadAll(io.LimitReader(a.in, 1<<20))
			if err != nil {
				return fmt.Errorf("read the charter: %w", err)
			}
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, animator actors.ID) error {
				charter, err := s.Communities.SetCharter(cmd.Context(), animator, c.Actor.ID, string(source))
				if err != nil {
					return err
				}
				return a.show(map[string]any{"id": c.Actor.IRI, "version": charter.Version}, "version "+strconv.Itoa(charter.Version))
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) charterAccept() *cobra.Command {
	var as string
	var version int
	cmd := &cobra.Command{
		Use: "accept-charter NAME", Short: "Accept the charter as it stands, as a member", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, who actors.ID) error {
				if err := s.Communities.AcceptCharter(cmd.Context(), who, c.Actor.ID, version); err != nil {
					return err
				}
				return a.show(map[string]any{"id": c.Actor.IRI, "version": version}, "accepted: version "+strconv.Itoa(version))
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().IntVar(&version, "version", 0, "the version that was read")
	required(cmd, "version")
	return cmd
}

func (a *app) questionsShow() *cobra.Command {
	return &cobra.Command{
		Use: "questions NAME", Short: "Show what a community asks of whoever asks to join", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				c, err := s.Communities.ByName(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.showQuestions(cmd, s, c)
			})
		},
	}
}

func (a *app) showQuestions(cmd *cobra.Command, s *server.Server, c communities.Community) error {
	all, err := s.Communities.Questions(cmd.Context(), s.DB, c.Actor.ID)
	if err != nil {
		return err
	}
	if all == nil {
		all = []string{}
	}
	return a.show(map[string]any{"id": c.Actor.IRI, "questions": all}, all...)
}

func (a *app) questionsSet() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "set-questions NAME [QUESTION...]", Short: "Choose what a community asks of who wants to join, five questions at most; none: ask nothing", Args: atLeast(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, animator actors.ID) error {
				if err := s.Communities.SetQuestions(cmd.Context(), animator, c.Actor.ID, args[1:]); err != nil {
					return err
				}
				return a.showQuestions(cmd, s, c)
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}
