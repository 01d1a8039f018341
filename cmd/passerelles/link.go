package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/server"
)

// linkCommands are about links that make members.
func (a *app) linkCommands() []*cobra.Command {
	return []*cobra.Command{a.linkMake(), a.linkList(), a.linkOpen(),
		a.numbered("end-link", "Let nobody in by a link any more", func(cmd *cobra.Command, s *server.Server, animator, community actors.ID, id int64) error {
			return s.Communities.EndLink(cmd.Context(), animator, community, id)
		})}
}

func (a *app) linkMake() *cobra.Command {
	var as string
	var days int
	var n communities.NewLink
	cmd := &cobra.Command{
		Use: "make-link NAME", Short: "Make a link by which people become members", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Life = time.Duration(min(days, 1000)) * 24 * time.Hour
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, animator actors.ID) error {
				l, err := s.Communities.MakeLink(cmd.Context(), animator, c.Actor.ID, n)
				if err != nil {
					return err
				}
				return a.show(map[string]any{"number": l.ID, "link": l.Address, "expires": l.ExpiresAt}, l.Address)
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().StringVar(&n.Label, "label", "", "for whom it is")
	cmd.Flags().IntVar(&n.Most, "most", 1, "how many people it lets in")
	cmd.Flags().IntVar(&days, "days", 14, "for how long it holds")
	return cmd
}

func (a *app) linkList() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "links NAME", Short: "List the links of a community, without what lets in", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, animator actors.ID) error {
				all, err := s.Communities.Links(cmd.Context(), animator, c.Actor.ID)
				if err != nil {
					return err
				}
				views, lines := make([]map[string]any, 0, len(all)), make([]string, 0, len(all))
				for _, l := range all {
					views = append(views, map[string]any{"number": l.ID, "label": l.Label, "most": l.Most, "used": l.Used, "expires": l.ExpiresAt, "holds": l.Holds})
					state := "holds"
					if !l.Holds {
						state = "ended"
					}
					lines = append(lines, fmt.Sprintf("%d\t%s\t%d of %d\t%s", l.ID, state, l.Used, l.Most, l.Label))
				}
				return a.show(map[string]any{"links": views}, lines...)
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) linkOpen() *cobra.Command {
	var as string
	var charter int
	cmd := &cobra.Command{
		Use: "open-link", Short: "Become a member by a link, which is read from standard input", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			link, err := a.line("the link")
			if err != nil {
				return err
			}
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				token := link[strings.LastIndex(link, "/")+1:]
				l, err := s.Communities.LinkByToken(cmd.Context(), token)
				if err != nil {
					return err
				}
				if err := s.Communities.JoinByLink(cmd.Context(), who.ID, l.ID, charter); err != nil {
					return err
				}
				c, err := s.Communities.ByID(cmd.Context(), l.Community)
				if err != nil {
					return err
				}
				return a.show(map[string]any{"id": c.Actor.IRI, "standing": communities.Member}, string(communities.Member)+"\t"+c.Actor.Handle())
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().IntVar(&charter, "charter", 0, "the version of the charter that is accepted")
	return cmd
}
