package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"passerelles/accounts"
	"passerelles/fault"
	"passerelles/server"
)

func (a *app) accountPassword() *cobra.Command {
	return &cobra.Command{
		Use: "password NAME", Short: "Set a new password, read from standard input; sessions and tokens end", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := a.line("the password")
			if err != nil {
				return err
			}
			return a.acting(cmd.Context(), args[0], func(s *server.Server, m accounts.Member) error {
				if err := s.Accounts.SetPassword(cmd.Context(), byLine(), m.ID, password); err != nil {
					return err
				}
				return a.show(viewAccount(s, m), m.Name+" has a new password; sessions and tokens have ended.")
			})
		},
	}
}

func (a *app) accountAddress() *cobra.Command {
	return &cobra.Command{
		Use: "address NAME EMAIL", Short: "Give an account another e-mail address, without asking there", Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.acting(cmd.Context(), args[0], func(s *server.Server, m accounts.Member) error {
				if err := s.Accounts.SetAddress(cmd.Context(), byLine(), m, args[1]); err != nil {
					return err
				}
				m.Email = args[1]
				return a.show(viewAccount(s, m), m.Name+" has its mails sent to "+m.Email+" now; the address of before is told.")
			})
		},
	}
}

func (a *app) accountSignUp() *cobra.Command {
	return &cobra.Command{
		Use: "sign-up [closed|invitation|approval|open]", Short: "Say or change who may sign up on the site", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				if len(args) == 1 {
					if err := s.Accounts.SetMode(cmd.Context(), byLine(), accounts.Mode(args[0])); err != nil {
						return err
					}
				}
				set, err := s.Accounts.Settings(cmd.Context())
				if err != nil {
					return err
				}
				lines := []string{"Sign-up: " + string(set.SignUp)}
				if !s.Mails.Sends() {
					lines = append(lines, "No e-mail leaves (smtp_address is not set): so nobody can sign up.")
				}
				return a.show(map[string]any{"signUp": set.SignUp, "mails": s.Mails.Sends()}, lines...)
			})
		},
	}
}

func (a *app) accountInvite() *cobra.Command {
	var label string
	var most int
	var life time.Duration
	cmd := &cobra.Command{
		Use: "invite", Short: "Make a link that lets people sign up", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				i, err := s.Accounts.Invite(cmd.Context(), byLine(), label, most, life)
				if err != nil {
					return err
				}
				return a.show(map[string]any{"link": i.Link, "people": i.Most, "expires": i.ExpiresAt}, i.Link)
			})
		},
	}
	cmd.Flags().StringVar(&label, "label", "", "for whom it is")
	cmd.Flags().IntVar(&most, "people", 1, "how many it lets in")
	cmd.Flags().DurationVar(&life, "life", 14*24*time.Hour, "how long it holds")
	return cmd
}

// waitingView is somebody who waits, as scripts read it.
type waitingView struct {
	ID    string    `json:"id"`
	Name  string    `json:"name"`
	Email string    `json:"email"`
	Words string    `json:"words"`
	Since time.Time `json:"since"`
}

func (a *app) accountWaiting() *cobra.Command {
	return &cobra.Command{
		Use: "waiting", Short: "List who waits for an answer", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				list, err := s.Accounts.Waiting(cmd.Context())
				if err != nil {
					return err
				}
				views, lines := make([]waitingView, 0, len(list)), make([]string, 0, len(list))
				for _, w := range list {
					id := strconv.FormatInt(w.ID, 10)
					views = append(views, waitingView{id, w.Name, w.Email, w.Words, w.ConfirmedAt})
					lines = append(lines, fmt.Sprintf("%s\t%s\t%s\t%q", id, w.Name, w.Email, w.Words))
				}
				return a.show(map[string]any{"waiting": views}, lines...)
			})
		},
	}
}

func (a *app) accountAccept() *cobra.Command {
	return &cobra.Command{
		Use: "accept NUMBER", Short: "Make a member of somebody who waits", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.answering(cmd, args[0], func(s *server.Server, id int64) error {
				m, err := s.Accounts.Accept(cmd.Context(), byLine(), id)
				if err != nil {
					return err
				}
				return a.show(viewAccount(s, m), m.Name+" can sign in.")
			})
		},
	}
}

func (a *app) accountDecline() *cobra.Command {
	var word string
	cmd := &cobra.Command{
		Use: "decline NUMBER", Short: "Tell somebody who waits no", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.answering(cmd, args[0], func(s *server.Server, id int64) error {
				if err := s.Accounts.Decline(cmd.Context(), byLine(), id, word); err != nil {
					return err
				}
				return a.show(map[string]any{"declined": args[0]}, "They are told.")
			})
		},
	}
	cmd.Flags().StringVar(&word, "word", "", "what goes with it")
	return cmd
}

func (a *app) answering(cmd *cobra.Command, number string, f func(*server.Server, int64) error) error {
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, fmt.Sprintf("%q is not a number: account waiting lists them.", number))
	}
	return a.with(cmd.Context(), func(s *server.Server) error { return f(s, id) })
}
