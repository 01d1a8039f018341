package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"passerelles/accounts"
	"passerelles/server"
)

func (a *app) account() *cobra.Command {
	return group("account", "The people who sign in here", a.accountCreate(), a.accountList(), a.accountToken(),
		a.accountPassword(), a.accountFactor(), a.accountAddress(), a.accountSignUp(), a.accountInvite(), a.accountWaiting(), a.accountAccept(), a.accountDecline(),
		a.accountExport(), a.accountDelete(), a.accountSuspend(), a.accountRestore(), a.accountPicture())
}

// accountView is an account as scripts read it.
type accountView struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Admin bool   `json:"admin"`

	Factor bool `json:"secondFactor"` // a code is asked beside the password
}

func viewAccount(s *server.Server, m accounts.Member) accountView {
	return accountView{ID: s.IRIs.Actor(int64(m.ID)), Name: m.Name, Email: m.Email, Admin: m.Admin, Factor: m.Factor}
}

func (a *app) accountCreate() *cobra.Command {
	var n accounts.New
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Create an account; the password is read from standard input", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			n.Name, n.By = args[0], byLine()
			if n.Password, err = a.line("the password"); err != nil {
				return err
			}
			return a.with(cmd.Context(), func(s *server.Server) error {
				m, err := s.Accounts.Create(cmd.Context(), n)
				if err != nil {
					return err
				}
				return a.show(viewAccount(s, m), fmt.Sprintf("%s can sign in.", m.Name))
			})
		},
	}
	cmd.Flags().StringVar(&n.Email, "email", "", "e-mail address")
	cmd.Flags().StringVar(&n.Title, "title", "", "name that people read")
	cmd.Flags().StringVar(&n.Language, "language", "fr", "fr or en")
	cmd.Flags().BoolVar(&n.Admin, "admin", false, "may administer the server")
	return cmd
}

func (a *app) accountList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the accounts", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				members, err := s.Accounts.List(cmd.Context())
				if err != nil {
					return err
				}
				views, lines := make([]accountView, 0, len(members)), make([]string, 0, len(members))
				for _, m := range members {
					views = append(views, viewAccount(s, m))
					line := m.Name + "\t" + m.Email
					if m.Admin {
						line += "\tadministrator"
					}
					if m.Factor {
						line += "\tsecond factor"
					}
					lines = append(lines, line)
				}
				return a.show(map[string]any{"accounts": views}, lines...)
			})
		},
	}
}

func (a *app) accountToken() *cobra.Command {
	var label string
	var life time.Duration
	cmd := &cobra.Command{
		Use: "token NAME", Short: "Issue a bearer token that stands for a signed-in session", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				m, err := s.Accounts.ByName(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				token, err := s.Accounts.IssueToken(cmd.Context(), byLine(), m.ID, label, life)
				if err != nil {
					return err
				}
				return a.show(map[string]any{"id": s.IRIs.Actor(int64(m.ID)), "token": token}, token)
			})
		},
	}
	cmd.Flags().StringVar(&label, "label", "command line", "what the token is for")
	cmd.Flags().DurationVar(&life, "life", 90*24*time.Hour, "how long it holds")
	return cmd
}

func (a *app) accountFactor() *cobra.Command {
	return &cobra.Command{
		Use: "take-factor NAME", Short: "Take away a second factor that somebody lost; sessions and apps end", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.toAccount(cmd, args[0], "take-factor", func(s *server.Server, m accounts.Member) error {
				return s.Accounts.TakeFactor(cmd.Context(), byLine(), m.ID)
			})
		},
	}
}

func (a *app) accountSuspend() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "suspend NAME", Short: "Keep somebody from signing in, and hide what they wrote", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.toAccount(cmd, args[0], "suspend", func(s *server.Server, m accounts.Member) error {
				return s.Accounts.Suspend(cmd.Context(), byLine(), m.ID, reason)
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for administrators")
	return cmd
}

func (a *app) accountRestore() *cobra.Command {
	return &cobra.Command{
		Use: "restore NAME", Short: "Take the suspension of an account back", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.toAccount(cmd, args[0], "restore", func(s *server.Server, m accounts.Member) error {
				return s.Accounts.Restore(cmd.Context(), byLine(), m.ID)
			})
		},
	}
}

func (a *app) toAccount(cmd *cobra.Command, name, done string, act func(*server.Server, accounts.Member) error) error {
	return a.with(cmd.Context(), func(s *server.Server) error {
		m, err := s.Accounts.ByName(cmd.Context(), name)
		if err != nil {
			return err
		}
		if err := act(s, m); err != nil {
			return err
		}
		return a.show(map[string]any{"id": s.IRIs.Actor(int64(m.ID)), "done": done}, done+": "+m.Name)
	})
}
