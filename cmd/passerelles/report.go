package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/moderation"
	"passerelles/server"
)

func (a *app) reports() *cobra.Command {
	return group("report", "What is reported, and how it is settled",
		a.reportPost(), a.reportPerson(), a.reportList(), a.reportSettle())
}

// reportView is a report as scripts read it. Who reported is not told.
type reportView struct {
	Number  int64      `json:"number"`
	About   []string   `json:"about"`
	Reason  string     `json:"reason"`
	At      time.Time  `json:"at"`
	Settled *time.Time `json:"settledAt,omitempty"`
	Answer  string     `json:"answer,omitempty"`
}

func viewReport(r moderation.Report) reportView {
	return reportView{r.ID, r.About, r.Reason, r.At, r.SettledAt, r.Answer}
}

func (v reportView) line() string {
	state := "waits"
	if v.Settled != nil {
		state = "settled"
	}
	return fmt.Sprintf("%d\t%s\t%s\t%s", v.Number, state, v.About[len(v.About)-1], v.Reason)
}

func (a *app) reportPost() *cobra.Command {
	var animators bool
	cmd := a.complaint("post ID", "Report a post", func(ctx context.Context, s *server.Server, who accounts.Member, iri string) (moderation.Complaint, error) {
		p, err := find(ctx, s, who, iri)
		return moderation.Complaint{Post: p.ID, Animators: animators}, err
	})
	cmd.Flags().BoolVar(&animators, "to-animators", true, "to those who animate its community; else to the administrators")
	return cmd
}

func (a *app) reportPerson() *cobra.Command {
	return a.complaint("person HANDLE", "Report a person to the administrators", func(ctx context.Context, s *server.Server, _ accounts.Member, handle string) (moderation.Complaint, error) {
		person, err := s.Directory.Find(ctx, handle)
		return moderation.Complaint{Person: person.ID}, err
	})
}

func (a *app) complaint(use, short string,
	about func(context.Context, *server.Server, accounts.Member, string) (moderation.Complaint, error)) *cobra.Command {
	var as, words string
	var forward bool
	cmd := &cobra.Command{
		Use: use, Short: short, Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				c, err := about(cmd.Context(), s, who, args[0])
				if err != nil {
					return err
				}
				c.By, c.Words, c.Forwarding = who.ID, words, forward
				r, err := s.Moderation.Report(cmd.Context(), c)
				if err != nil {
					return err
				}
				return a.show(viewReport(r), viewReport(r).line())
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().StringVar(&words, "words", "", "what is wrong")
	cmd.Flags().BoolVar(&forward, "forward", false, "tell the other server too, without a name")
	return cmd
}

// judge is who settles: an account, or, without --as, whoever has the command line.
func judge(ctx context.Context, s *server.Server, as string) (moderation.Judge, error) {
	if as == "" {
		return moderation.Judge{Admin: true, Line: true}, nil
	}
	m, err := s.Accounts.ByName(ctx, as)
	return moderation.Judge{ID: m.ID, Admin: m.Admin, Line: true}, err
}

const judgeFlag = "the account that acts; left out: the administrator of the server"

func (a *app) reportList() *cobra.Command {
	var as, community string
	cmd := &cobra.Command{
		Use: "list", Short: "List what is reported to the server, or to the animators of a community", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				j, err := judge(cmd.Context(), s, as)
				if err != nil {
					return err
				}
				var of actors.ID
				if community != "" {
					c, err := s.Communities.ByName(cmd.Context(), community)
					if err != nil {
						return err
					}
					of = c.Actor.ID
				}
				all, err := s.Moderation.Queue(cmd.Context(), j, of)
				if err != nil {
					return err
				}
				views, lines := make([]reportView, 0, len(all)), make([]string, 0, len(all))
				for _, r := range all {
					views, lines = append(views, viewReport(r)), append(lines, viewReport(r).line())
				}
				return a.show(map[string]any{"reports": views}, lines...)
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "", judgeFlag)
	cmd.Flags().StringVar(&community, "community", "", "name of a community that the account animates")
	return cmd
}

func (a *app) reportSettle() *cobra.Command {
	var as, words string
	cmd := &cobra.Command{
		Use: "settle NUMBER", Short: "Settle a report, with words that who reported it reads", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return misused(cmd, err)
			}
			return a.with(cmd.Context(), func(s *server.Server) error {
				j, err := judge(cmd.Context(), s, as)
				if err != nil {
					return err
				}
				if err := s.Moderation.Settle(cmd.Context(), j, id, words); err != nil {
					return err
				}
				return a.show(map[string]any{"number": id, "done": "settle"}, "settled: "+args[0])
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "", judgeFlag)
	cmd.Flags().StringVar(&words, "words", "", "how it is settled")
	return cmd
}
