package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"passerelles/server"
)

func (a *app) follow() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "follow TARGET", Short: "Follow a community or a person, by handle or address", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				who, err := s.Accounts.ByName(cmd.Context(), as)
				if err != nil {
					return err
				}
				target, err := s.Directory.Find(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				state, err := s.Accounts.Follow(cmd.Context(), who.ID, target)
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

func (a *app) unfollow() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "unfollow TARGET", Short: "Follow no more", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				who, err := s.Accounts.ByName(cmd.Context(), as)
				if err != nil {
					return err
				}
				target, err := s.Directory.Find(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if err := s.Accounts.Unfollow(cmd.Context(), who.ID, target); err != nil {
					return err
				}
				return a.show(map[string]any{"id": target.IRI, "state": "ended"}, target.Handle()+": ended")
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

// asFlag says as whom a command acts.
func asFlag(cmd *cobra.Command, as *string) {
	cmd.Flags().StringVar(as, "as", "", "the account that acts")
	_ = cmd.MarkFlagRequired("as") // fails only when the flag does not exist
}
