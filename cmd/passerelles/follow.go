package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/server"
)

func (a *app) follow() *cobra.Command {
	return a.toTarget("follow", "Follow a community or a person, by handle or address",
		func(ctx context.Context, s *server.Server, who accounts.Member, target actors.Actor) (string, error) {
			return s.Accounts.Follow(ctx, who.ID, target)
		})
}

func (a *app) unfollow() *cobra.Command {
	return a.toTarget("unfollow", "Follow no more",
		func(ctx context.Context, s *server.Server, who accounts.Member, target actors.Actor) (string, error) {
			return string(actors.Ended), s.Accounts.Unfollow(ctx, who.ID, target)
		})
}

// toTarget is a command by which an account changes how it follows somebody; do
// gives the state after it.
func (a *app) toTarget(use, short string,
	do func(context.Context, *server.Server, accounts.Member, actors.Actor) (string, error)) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: use + " TARGET", Short: short, Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				target, err := s.Directory.Find(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				state, err := do(cmd.Context(), s, who, target)
				if err != nil {
					return err
				}
				return a.show(map[string]any{"id": target.IRI, "state": state}, fmt.Sprintf("%s: %s", target.Handle(), state))
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

// asFlag says as whom a command acts.
func asFlag(cmd *cobra.Command, as *string) {
	cmd.Flags().StringVar(as, "as", "", "the account that acts")
	required(cmd, "as")
}
