package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"passerelles/communities"
	"passerelles/server"
)

func (a *app) community() *cobra.Command {
	all := slices.Concat([]*cobra.Command{a.communityCreate(), a.communityList(), a.communityShow(), a.communityPicture()},
		a.memberCommands(), a.charterCommands(), a.linkCommands(), a.orderCommands(), a.lifeCommands(), a.themeCommands())
	return group("community", "Communities of this server", all...)
}

// communityView is a community as scripts read it.
type communityView struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Handle    string `json:"handle"`
	Title     string `json:"title"`
	Summary   string `json:"summary"`
	Access    string `json:"access"`
	Archived  bool   `json:"archived"`
	Followers int    `json:"followers"`
}

func viewCommunity(s *server.Server, c communities.Community) communityView {
	return communityView{
		ID: c.Actor.IRI, Name: c.Actor.Name, Handle: "@" + c.Actor.Name + "@" + s.Config.Host(),
		Title: c.Actor.Title, Summary: c.Actor.Summary, Access: string(c.Access), Archived: c.Archived != nil, Followers: c.Followers,
	}
}

func (v communityView) line() string {
	line := fmt.Sprintf("%s\t%s\t%s\t%d followers", v.Handle, v.Title, v.Access, v.Followers)
	if v.Archived {
		line += "\tarchived"
	}
	return line
}

func (a *app) communityCreate() *cobra.Command {
	n := communities.New{}
	var animator string
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Create a community", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Name = args[0]
			return a.with(cmd.Context(), func(s *server.Server) error {
				m, err := s.Accounts.ByName(cmd.Context(), animator)
				if err != nil {
					return err
				}
				n.Animator, n.By = m.ID, byLine()
				c, err := s.Communities.Create(cmd.Context(), n)
				if err != nil {
					return err
				}
				v := viewCommunity(s, c)
				return a.show(v, v.line())
			})
		},
	}
	cmd.Flags().StringVar(&animator, "animator", "", "the account that animates it")
	cmd.Flags().StringVar(&n.Title, "title", "", "name that people read")
	cmd.Flags().StringVar(&n.Source, "summary", "", "what it is about, in Markdown")
	cmd.Flags().StringVar(&n.Language, "language", "fr", "fr or en")
	cmd.Flags().StringVar((*string)(&n.Access), "access", "open", "open, members or confidential")
	required(cmd, "animator")
	return cmd
}

func (a *app) communityList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the communities", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				list, err := s.Communities.List(cmd.Context(), "", 1000)
				if err != nil {
					return err
				}
				views, lines := make([]communityView, 0, len(list)), make([]string, 0, len(list))
				for _, c := range list {
					views = append(views, viewCommunity(s, c))
					lines = append(lines, viewCommunity(s, c).line())
				}
				return a.show(map[string]any{"communities": views}, lines...)
			})
		},
	}
}

func (a *app) communityShow() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Show one community", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				c, err := s.Communities.ByName(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				v := viewCommunity(s, c)
				return a.show(v, v.line(), v.Summary)
			})
		},
	}
}
