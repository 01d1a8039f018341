package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/server"
)

// memberCommands are the acts of who joins a community and of who animates it.
func (a *app) memberCommands() []*cobra.Command {
	return []*cobra.Command{
		a.communityJoin(), a.communityLeave(), a.communityMembers(), a.communityRequests(),
		a.communityAct("approve", "Let in somebody who asks to join", (*communities.Service).Approve),
		a.communityAct("decline", "Refuse somebody who asks to join", (*communities.Service).Decline),
		a.communityAct("invite", "Invite somebody, here or elsewhere", (*communities.Service).Invite),
		a.communityAct("remove", "End a membership", (*communities.Service).Remove),
		a.communityHost("show", "allow-host", "Let a confidential community show itself to a server", (*communities.Service).ShowTo),
		a.communityHost("hide", "forget-host", "Let a confidential community show itself to a server no more", (*communities.Service).HideFrom),
		a.communityEchoes(),
	}
}

// someone finds a person by @name, or @name@host of who is known here.
func someone(ctx context.Context, s *server.Server, handle string) (actors.Actor, error) {
	return s.Directory.ByHandleKnown(ctx, "@"+strings.TrimPrefix(handle, "@"))
}

func (a *app) communityJoin() *cobra.Command {
	var as string
	var j communities.Joining
	cmd := &cobra.Command{
		Use: "join NAME", Short: "Become a member, or ask for it", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, who actors.ID) error {
				j.Community, j.Who = c.Actor.ID, who
				became, err := s.Communities.Join(cmd.Context(), j)
				if err != nil {
					return err
				}
				return a.show(map[string]any{"standing": became}, string(became))
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().StringVar(&j.Words, "words", "", "what those who animate read of it")
	cmd.Flags().IntVar(&j.Charter, "charter", 0, "the version of the charter that is accepted")
	cmd.Flags().StringArrayVar(&j.Answers, "answer", nil, "the answer to a question, once for each, in their order")
	return cmd
}

func (a *app) communityLeave() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "leave NAME", Short: "End one's membership, or take the request back", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, who actors.ID) error {
				if err := s.Communities.Leave(cmd.Context(), c.Actor.ID, who); err != nil {
					return err
				}
				return a.show(map[string]any{"standing": ""}, "left")
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

// asMember does something as an account, in a community.
func (a *app) asMember(ctx context.Context, as, name string, do func(s *server.Server, c communities.Community, who actors.ID) error) error {
	return a.acting(ctx, as, func(s *server.Server, who accounts.Member) error {
		c, err := circle(ctx, s, name)
		if err != nil {
			return err
		}
		return do(s, c, who.ID)
	})
}

// circle finds a community of ours by its name, or one elsewhere that is known here by its
// address or handle: of that, its actor alone.
func circle(ctx context.Context, s *server.Server, name string) (communities.Community, error) {
	switch {
	case strings.Contains(name, "://"):
		a, err := s.Directory.ByIRI(ctx, name)
		return communities.Community{Actor: a}, err
	case strings.Contains(name, "@"):
		a, err := someone(ctx, s, name)
		return communities.Community{Actor: a}, err
	}
	return s.Communities.ByName(ctx, name)
}

func (a *app) communityMembers() *cobra.Command {
	return &cobra.Command{
		Use: "members NAME", Short: "List who belongs to a community", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				c, err := s.Communities.ByName(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				list, err := s.Communities.Members(cmd.Context(), s.DB, c.Actor.ID, 0, 10_000)
				if err != nil {
					return err
				}
				var people []actors.Actor
				for _, m := range list {
					people = append(people, m.Who)
				}
				like, err := s.Communities.Resembled(cmd.Context(), s.DB, c.Actor.ID, people)
				if err != nil {
					return err
				}
				views, lines := make([]map[string]any, 0, len(list)), make([]string, 0, len(list))
				for _, m := range list {
					views = append(views, map[string]any{"id": m.Who.IRI, "handle": m.Who.Handle(), "role": m.Role, "since": m.Since, "like": full(s, like[m.Who.ID])})
					lines = append(lines, fmt.Sprintf("%s\t%s", m.Who.Handle(), m.Role)+alike(s, like[m.Who.ID]))
				}
				return a.show(map[string]any{"members": views}, lines...)
			})
		},
	}
}

func (a *app) communityRequests() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "requests NAME", Short: "List who asks to join", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, who actors.ID) error {
				list, err := s.Communities.Requests(cmd.Context(), who, c.Actor.ID, 10_000)
				if err != nil {
					return err
				}
				var people []actors.Actor
				for _, r := range list {
					people = append(people, r.Who)
				}
				servers, err := s.Moderation.Neighbours(cmd.Context(), c.Actor.ID, people)
				if err != nil {
					return err
				}
				like, err := s.Communities.Resembled(cmd.Context(), s.DB, c.Actor.ID, people)
				if err != nil {
					return err
				}
				views, lines := make([]map[string]any, 0, len(list)), make([]string, 0, len(list))
				for _, r := range list {
					answers, line := []map[string]string{}, r.Who.Handle()+"\t"+r.Words+alike(s, like[r.Who.ID])
					for _, one := range r.Answers {
						answers = append(answers, map[string]string{"question": one.Question, "answer": one.Words})
						line += "\n\t" + one.Question + "\t" + one.Words
					}
					view := map[string]any{"id": r.Who.IRI, "handle": r.Who.Handle(), "words": r.Words, "asked": r.AskedAt,
						"answers": answers, "charter": r.Charter, "like": full(s, like[r.Who.ID])}
					if n, found := servers[r.Who.Host]; found {
						view["server"] = map[string]any{"name": n.Name, "software": n.Software, "version": n.Version,
							"forMembers": n.Discretion(), "policy": n.Policy.Policy, "members": n.Members}
						line += fmt.Sprintf("\n\t%s\t%s %s\t%s\t%s\t%d members", n.Name, n.Software, n.Version, n.Discretion(), n.Policy.Policy, n.Members)
					}
					views = append(views, view)
					lines = append(lines, line)
				}
				return a.show(map[string]any{"requests": views}, lines...)
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

type act func(s *communities.Service, ctx context.Context, animator, community, who actors.ID) error

// communityAct is something that who animates a community does with somebody.
func (a *app) communityAct(name, short string, do act) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: name + " NAME PERSON", Short: short, Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, animator actors.ID) error {
				who, err := someone(cmd.Context(), s, args[1])
				if err != nil {
					return err
				}
				if err := do(s.Communities, cmd.Context(), animator, c.Actor.ID, who.ID); err != nil {
					return err
				}
				return a.show(map[string]any{"id": who.IRI}, name+"\t"+who.Handle())
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

type hostAct func(s *communities.Service, ctx context.Context, animator, community actors.ID, host string) error

func (a *app) communityHost(said, name, short string, do hostAct) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: name + " NAME HOST", Short: short, Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, animator actors.ID) error {
				if err := do(s.Communities, cmd.Context(), animator, c.Actor.ID, args[1]); err != nil {
					return err
				}
				return a.show(map[string]any{"host": args[1]}, said+"\t"+args[1])
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

// communityEchoes chooses what members read whose software shows nothing that is for members.
func (a *app) communityEchoes() *cobra.Command {
	var as string
	var whole bool
	cmd := &cobra.Command{
		Use: "echoes NAME", Short: "Choose whether members on microblogs are sent a link, or the post itself", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, who actors.ID) error {
				if err := s.Communities.SetEchoesWhole(cmd.Context(), who, c.Actor.ID, whole); err != nil {
					return err
				}
				said := "link"
				if whole {
					said = "whole"
				}
				return a.show(map[string]any{"echoes": said}, said)
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().BoolVar(&whole, "whole", false, "the post itself, which their servers then keep")
	return cmd
}
