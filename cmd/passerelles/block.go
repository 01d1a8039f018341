package main

import (
	"context"

	"github.com/spf13/cobra"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/server"
)

func (a *app) block() *cobra.Command {
	return a.toTarget("block", "Want nothing of a person: neither follows the other any more",
		func(ctx context.Context, s *server.Server, who accounts.Member, target actors.Actor) (string, error) {
			return "blocked", s.Accounts.Block(ctx, who.ID, target)
		})
}

func (a *app) unblock() *cobra.Command {
	return a.toTarget("unblock", "Take a block back",
		func(ctx context.Context, s *server.Server, who accounts.Member, target actors.Actor) (string, error) {
			return "unblocked", s.Accounts.Unblock(ctx, who.ID, target)
		})
}

func (a *app) mute() *cobra.Command {
	return a.toTarget("mute", "See no more what a person says; nobody is told",
		func(ctx context.Context, s *server.Server, who accounts.Member, target actors.Actor) (string, error) {
			return "muted", s.Accounts.Mute(ctx, who.ID, target)
		})
}

func (a *app) unmute() *cobra.Command {
	return a.toTarget("unmute", "See again what a person says",
		func(ctx context.Context, s *server.Server, who accounts.Member, target actors.Actor) (string, error) {
			return "unmuted", s.Accounts.Unmute(ctx, who.ID, target)
		})
}
