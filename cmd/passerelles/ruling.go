package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/posts"
	"passerelles/server"
)

// postRule is a command by which who animates a community keeps order.
func (a *app) postRule(act, short string) *cobra.Command {
	var as, reason string
	cmd := &cobra.Command{
		Use: act + " ID", Short: short, Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				p, err := s.Posts.ByIRI(cmd.Context(), access.Reader{ID: who.ID}, args[0])
				if err != nil {
					return err
				}
				if err := s.Posts.Rule(cmd.Context(), who.ID, p.ID, posts.Ruling{Act: act, Reason: reason}); err != nil {
					return err
				}
				return a.show(map[string]any{"id": p.IRI, "done": act}, act+": "+p.IRI)
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().StringVar(&reason, "reason", "", "why: its author and the log tell it")
	return cmd
}

func (a *app) rulings() *cobra.Command {
	return group("ruling", "What those who animate communities did to keep order, and appeals against it",
		a.rulingList(), a.rulingShow(), a.rulingAppeal(), a.rulingAnswer())
}

// rulingView is a ruling as scripts read it.
type rulingView struct {
	Number int64     `json:"number"`
	ID     string    `json:"id"` // of the activity
	Act    string    `json:"act"`
	By     string    `json:"by"`
	Words  string    `json:"words,omitempty"` // a theme, a role, a server
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
}

func (a *app) rulingList() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "list COMMUNITY", Short: "List what was done in a community, the latest first", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				var reader actors.ID
				if as != "" {
					m, err := s.Accounts.ByName(cmd.Context(), as)
					if err != nil {
						return err
					}
					reader = m.ID
				}
				c, err := s.Communities.ByName(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				all, err := s.Communities.Rulings(cmd.Context(), reader, c.Actor.ID, 0, 100)
				if err != nil {
					return err
				}
				var by []actors.ID
				for _, r := range all {
					by = append(by, r.By)
				}
				people, err := s.Directory.ByIDs(cmd.Context(), by)
				if err != nil {
					return err
				}
				return a.showRulings(all, people)
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "the account that reads; left out: anybody")
	return cmd
}

func (a *app) showRulings(all []communities.Ruling, people map[actors.ID]actors.Actor) error {
	views, lines := make([]rulingView, 0, len(all)), make([]string, 0, len(all))
	for _, r := range all {
		v := rulingView{r.ID, r.Activity, r.Act, people[r.By].IRI, r.Words, r.Reason, r.At}
		views = append(views, v)
		lines = append(lines, fmt.Sprintf("%d\t%s\t%s\t%s", v.Number, v.Act, people[r.By].Handle(), strings.Trim(v.Words+": "+v.Reason, ": ")))
	}
	return a.show(map[string]any{"rulings": views}, lines...)
}

func (a *app) rulingShow() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "show-to COMMUNITY all|members|animators", Short: "Choose who reads what is done to keep order", Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				c, err := s.Communities.ByName(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if err := s.Communities.ShowRulings(cmd.Context(), who.ID, c.Actor.ID, args[1]); err != nil {
					return err
				}
				return a.show(map[string]any{"id": c.Actor.IRI, "shownTo": args[1]}, "shown to: "+args[1])
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) rulingAppeal() *cobra.Command {
	return a.rulingWords("appeal", "Ask another animator to look at it again", func(cmd *cobra.Command, s *server.Server, who actors.ID, id int64, words string) error {
		return s.Moderation.Appeal(cmd.Context(), who, id, words)
	})
}

func (a *app) rulingAnswer() *cobra.Command {
	var grant bool
	cmd := a.rulingWords("answer", "Answer an appeal", func(cmd *cobra.Command, s *server.Server, who actors.ID, id int64, words string) error {
		return s.Moderation.AnswerAppeal(cmd.Context(), who, id, grant, words)
	})
	cmd.Flags().BoolVar(&grant, "grant", false, "take back what was done")
	return cmd
}

func (a *app) rulingWords(use, short string, act func(*cobra.Command, *server.Server, actors.ID, int64, string) error) *cobra.Command {
	var as, words string
	cmd := &cobra.Command{
		Use: use + " NUMBER", Short: short, Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return misused(cmd, err)
			}
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				if err := act(cmd, s, who.ID, id, words); err != nil {
					return err
				}
				return a.show(map[string]any{"number": id, "done": use}, use+": "+args[0])
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().StringVar(&words, "words", "", "the words that go with it")
	return cmd
}
