package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"passerelles/acts"
	"passerelles/server"
)

func (a *app) acts() *cobra.Command {
	return group("act", "What administrators did, on the site and on the command line", a.actList(), a.actKinds())
}

// actView is an act of an administrator as scripts read it.
type actView struct {
	Number int64     `json:"number"`
	At     time.Time `json:"at"`
	Kind   acts.Kind `json:"kind"`
	By     string    `json:"by"`               // account, command line or server
	ByID   string    `json:"byId,omitempty"`   // of the account
	ByName string    `json:"byName,omitempty"` // none once it is deleted
	ID     string    `json:"id,omitempty"`     // of the account or community that it is about
	About  string    `json:"about,omitempty"`
	Words  string    `json:"words,omitempty"`
}

func viewAct(s *server.Server, a acts.Act) actView {
	v := actView{Number: a.ID, At: a.At, Kind: a.Kind, By: "server", ByName: a.Name, About: a.About, Words: a.Words}
	if a.By.Account != 0 {
		v.By, v.ByID = "account", s.IRIs.Actor(int64(a.By.Account))
	}
	if a.By.Line {
		v.By = "command line"
	}
	if a.Target != 0 {
		v.ID = s.IRIs.Actor(int64(a.Target))
	}
	return v
}

func (v actView) line() string {
	by := v.By
	if v.ByID != "" {
		by = strings.TrimPrefix(by+" ", "account ") + v.name()
	}
	about := v.About
	if about == "" {
		about = v.ID
	}
	return strings.TrimRight(fmt.Sprintf("%d\t%s\t%s\t%s\t%s\t%s", v.Number, v.At.Format(time.RFC3339), v.Kind, by, about, v.Words), "\t")
}

func (v actView) name() string {
	if v.ByName == "" {
		return v.ByID
	}
	return "@" + v.ByName
}

func (a *app) actList() *cobra.Command {
	var w acts.Wanted
	cmd := &cobra.Command{
		Use: "list", Short: "List what administrators did, the latest first", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				all, err := acts.List(cmd.Context(), s.DB, w)
				if err != nil {
					return err
				}
				views, lines := make([]actView, 0, len(all)), make([]string, 0, len(all))
				for _, one := range all {
					views = append(views, viewAct(s, one))
					lines = append(lines, viewAct(s, one).line())
				}
				return a.show(map[string]any{"acts": views}, lines...)
			})
		},
	}
	cmd.Flags().StringVar((*string)(&w.Kind), "kind", "", "only what is of this kind; act kinds lists them")
	cmd.Flags().StringVar(&w.Name, "by", "", "only what this account did")
	cmd.Flags().Int64Var(&w.Before, "before", 0, "only what has a number below this one")
	cmd.Flags().IntVar(&w.Limit, "limit", 100, "how many")
	return cmd
}

func (a *app) actKinds() *cobra.Command {
	return &cobra.Command{
		Use: "kinds", Short: "List the kinds of acts that are noted", Args: exactly(0),
		RunE: func(*cobra.Command, []string) error {
			lines := []string{}
			for _, k := range slices.Sorted(slices.Values(acts.Kinds())) {
				lines = append(lines, string(k))
			}
			return a.show(map[string]any{"kinds": lines}, lines...)
		},
	}
}
