package main

import (
	"context"

	"github.com/spf13/cobra"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/server"
)

// lifeCommands are the acts of who owns a community, and those of administrators about it.
func (a *app) lifeCommands() []*cobra.Command {
	return []*cobra.Command{
		a.communityPurges(), a.communityEdit(), a.communityRole(), a.communityHandOver(), a.communityAppoint(), a.communityOwnerless(), a.communityFounders(),
		a.communityOwn("rename NAME NEW-NAME", "Call a community otherwise; the old name goes on leading to it", 2,
			func(ctx context.Context, s *server.Server, c communities.Community, owner actors.ID, args []string) error {
				_, err := s.Communities.Rename(ctx, owner, c.Actor.ID, args[0])
				return err
			}),
		a.communityOwn("archive NAME", "Make a community one that is only read", 1,
			func(ctx context.Context, s *server.Server, c communities.Community, owner actors.ID, _ []string) error {
				return s.Communities.Archive(ctx, owner, c.Actor.ID, true)
			}),
		a.communityOwn("reopen NAME", "Open an archived community again", 1,
			func(ctx context.Context, s *server.Server, c communities.Community, owner actors.ID, _ []string) error {
				return s.Communities.Archive(ctx, owner, c.Actor.ID, false)
			}),
		a.communityOwn("level NAME open|members", "Open a community to everybody, or keep it for its members; for what is posted from now on", 2,
			func(ctx context.Context, s *server.Server, c communities.Community, owner actors.ID, args []string) error {
				return s.Communities.SetAccess(ctx, owner, c.Actor.ID, actors.Access(args[0]))
			}),
		a.communityOwn("delete NAME NAME-AGAIN", "Delete a community for ever; the name is typed twice, and never given again", 2,
			func(ctx context.Context, s *server.Server, c communities.Community, owner actors.ID, args []string) error {
				return s.Communities.Delete(ctx, owner, c.Actor.ID, args[0])
			}),
	}
}

type ownAct func(ctx context.Context, s *server.Server, c communities.Community, owner actors.ID, args []string) error

// communityOwn is something that who owns a community does with it.
func (a *app) communityOwn(use, short string, n int, do ownAct) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: use, Short: short, Args: exactly(n),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, owner actors.ID) error {
				if err := do(cmd.Context(), s, c, owner, args[1:]); err != nil {
					return err
				}
				now, err := s.Communities.ByID(cmd.Context(), c.Actor.ID)
				if fault.Is(err, fault.NotFound) {
					return a.show(map[string]any{"id": c.Actor.IRI, "deleted": true}, "deleted\t"+c.Actor.Handle())
				}
				if err != nil {
					return err
				}
				v := viewCommunity(s, now)
				return a.show(v, v.line())
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) communityEdit() *cobra.Command {
	var title, summary, language string
	cmd := a.communityOwn("edit NAME", "Change what a community says of itself; an animator may", 1,
		func(ctx context.Context, s *server.Server, c communities.Community, owner actors.ID, _ []string) error {
			p := communities.Profile{Title: c.Actor.Title, Source: c.Actor.Source, Language: language}
			if title != "" {
				p.Title = title
			}
			if summary != "" {
				p.Source = summary
			}
			_, err := s.Communities.UpdateProfile(ctx, owner, c.Actor.ID, p)
			return err
		})
	cmd.Flags().StringVar(&title, "title", "", "name that people read")
	cmd.Flags().StringVar(&summary, "summary", "", "what it is about, in Markdown")
	cmd.Flags().StringVar(&language, "language", "", "fr or en")
	return cmd
}

func (a *app) communityRole() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "role NAME PERSON member|animator|owner", Short: "Say what a member is from now on, or step down oneself", Args: exactly(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, by actors.ID) error {
				who, err := someone(cmd.Context(), s, args[1])
				if err != nil {
					return err
				}
				if err := s.Communities.SetRole(cmd.Context(), by, c.Actor.ID, who.ID, args[2]); err != nil {
					return err
				}
				return a.show(map[string]any{"id": who.IRI, "role": args[2]}, args[2]+"\t"+who.Handle())
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) communityHandOver() *cobra.Command {
	var as, become string
	cmd := &cobra.Command{
		Use: "hand-over NAME PERSON", Short: "Make another member the owner, and step down", Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, owner actors.ID) error {
				to, err := someone(cmd.Context(), s, args[1])
				if err != nil {
					return err
				}
				if err := s.Communities.HandOver(cmd.Context(), owner, c.Actor.ID, to.ID, become); err != nil {
					return err
				}
				return a.show(map[string]any{"id": to.IRI, "role": communities.RoleOwner}, "owner\t"+to.Handle())
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().StringVar(&become, "become", communities.RoleAnimator, "what who hands over is from then on: animator or member")
	return cmd
}

func (a *app) communityAppoint() *cobra.Command {
	return &cobra.Command{
		Use: "appoint NAME PERSON", Short: "Name an owner, as the administrator of this machine", Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				c, err := s.Communities.ByName(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				who, err := someone(cmd.Context(), s, args[1])
				if err != nil {
					return err
				}
				if err := s.Communities.Appoint(cmd.Context(), byLine(), c.Actor.ID, who.ID); err != nil {
					return err
				}
				return a.show(map[string]any{"id": who.IRI, "role": communities.RoleOwner}, "owner\t"+who.Handle())
			})
		},
	}
}

func (a *app) communityOwnerless() *cobra.Command {
	return &cobra.Command{
		Use: "ownerless", Short: "List the communities whose owners are all gone or suspended", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				list, err := s.Communities.Ownerless(cmd.Context())
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

func (a *app) communityFounders() *cobra.Command {
	return &cobra.Command{
		Use: "founders [administrators|members]", Short: "Say or change who makes communities on the site", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				if len(args) == 1 {
					if err := s.Accounts.SetFounders(cmd.Context(), byLine(), accounts.Founders(args[0])); err != nil {
						return err
					}
				}
				set, err := s.Accounts.Settings(cmd.Context())
				if err != nil {
					return err
				}
				return a.show(map[string]any{"founders": set.Founders}, "founders: "+string(set.Founders))
			})
		},
	}
}

func (a *app) communityPurges() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "purges NAME", Short: "List the servers without a member any more that were asked to forget a community, and what they answered", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, animator actors.ID) error {
				list, err := s.Communities.Purges(cmd.Context(), animator, c.Actor.ID)
				if err != nil {
					return err
				}
				views, lines := make([]map[string]any, 0, len(list)), make([]string, 0, len(list))
				for _, p := range list {
					views = append(views, map[string]any{"host": p.Host, "state": p.State, "asked": p.AskedAt})
					lines = append(lines, p.Host+"\t"+p.State)
				}
				return a.show(map[string]any{"purges": views}, lines...)
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}
