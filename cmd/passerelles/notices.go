package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"passerelles/accounts"
	"passerelles/fault"
	"passerelles/notifications"
	"passerelles/server"
)

const noticesListed = 100

func (a *app) notices() *cobra.Command {
	return group("notifications", "What a member is told, and how", a.noticeList(), a.noticeRead(), a.noticeChoices(), a.noticeChoose())
}

// noticeView is a notice as scripts read it: what it is about they look up.
type noticeView struct {
	ID   int64     `json:"id,string"`
	Kind string    `json:"kind"`
	At   time.Time `json:"at"`
	Read bool      `json:"read"`
	URL  string    `json:"url"`
}

func (a *app) noticeList() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "list", Short: "List what a member was told and may still know, the latest first", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				found, err := s.Mails.For(cmd.Context(), who.ID, notifications.Page{Limit: noticesListed})
				if err != nil {
					return err
				}
				views, lines := make([]noticeView, 0, len(found)), []string{}
				for _, n := range found {
					v := noticeView{n.ID, n.Kind, n.At, n.ReadAt != nil, fmt.Sprintf("%s/notifications/%d", s.Config.Origin, n.ID)}
					state := "new"
					if v.Read {
						state = "read"
					}
					views = append(views, v)
					lines = append(lines, strings.Join([]string{state, v.Kind, v.At.Format(time.RFC3339), v.URL}, "\t"))
				}
				return a.show(map[string]any{"notifications": views}, lines...)
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) noticeRead() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "read", Short: "Mark all as read", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				latest, err := s.Mails.For(cmd.Context(), who.ID, notifications.Page{Limit: 1})
				if err != nil || len(latest) == 0 {
					return err
				}
				if err := s.Mails.ReadAll(cmd.Context(), who.ID, latest[0].ID); err != nil {
					return err
				}
				return a.show(map[string]any{"done": "read"}, "read")
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) noticeChoices() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "choices", Short: "Show how a member takes each list: none, site or mail", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				all, err := s.Mails.Choices(cmd.Context(), who.ID)
				if err != nil {
					return err
				}
				type view struct {
					List      string `json:"list"`
					Community string `json:"community,omitempty"`
					How       string `json:"how"`
				}
				views, lines := make([]view, 0, len(all)), []string{}
				for _, c := range all {
					v := view{List: c.List, How: c.How}
					if c.Community != 0 {
						group, err := s.Directory.ByID(cmd.Context(), c.Community)
						if fault.Is(err, fault.Gone) {
							continue
						}
						if err != nil {
							return err
						}
						v.Community = group.Handle()
					}
					views = append(views, v)
					lines = append(lines, strings.TrimRight(v.List+"\t"+v.How+"\t"+v.Community, "\t"))
				}
				return a.show(map[string]any{"choices": views}, lines...)
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) noticeChoose() *cobra.Command {
	var as, community string
	cmd := &cobra.Command{
		Use: "choose LIST HOW", Short: "Take a list (" + strings.Join(notifications.Lists, ", ") + ") as none, site, mail, or, in a community, default",
		Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				c := notifications.Choice{List: args[0], How: args[1]}
				if community != "" {
					group, err := s.Directory.Find(cmd.Context(), community)
					if err != nil {
						return err
					}
					if c.Community = group.ID; c.How == "default" {
						c.How = ""
					}
				}
				if err := s.Mails.Choose(cmd.Context(), who.ID, c); err != nil {
					return err
				}
				return a.show(map[string]any{"list": args[0], "how": args[1]}, args[0]+"\t"+args[1])
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().StringVar(&community, "community", "", "in this community only")
	return cmd
}
