package main

import (
	"context"

	"github.com/spf13/cobra"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/media"
	"passerelles/server"
)

// portrayed makes a portrait of a file of this machine, which is not kept; of "" it makes none.
func portrayed(ctx context.Context, s *server.Server, who accounts.Member, path string) (*media.Portrait, error) {
	if path == "" {
		return nil, nil // no picture is wanted, which is no error
	}
	f, err := takeFile(ctx, s, who, path)
	if err != nil {
		return nil, err
	}
	p, err := s.Media.Portray(ctx, f)
	if dropped := s.Media.Drop(context.WithoutCancel(ctx), who.ID, []int64{f.ID}); err == nil {
		err = dropped
	}
	return &p, err
}

func pathIn(args []string) string {
	if len(args) > 1 {
		return args[1]
	}
	return ""
}

func (a *app) communityPicture() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "picture NAME [FILE]", Short: "Choose the picture of a community; without a file: take it away", Args: atLeast(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				c, err := s.Communities.ByName(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.setPicture(cmd.Context(), s, who, c.Actor.ID, pathIn(args), func(p *media.Portrait) error {
					return s.Communities.SetPicture(cmd.Context(), who.ID, c.Actor.ID, p)
				})
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) accountPicture() *cobra.Command {
	return &cobra.Command{
		Use: "picture NAME [FILE]", Short: "Choose the picture of an account; without a file: take it away", Args: atLeast(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.acting(cmd.Context(), args[0], func(s *server.Server, who accounts.Member) error {
				return a.setPicture(cmd.Context(), s, who, who.ID, pathIn(args), func(p *media.Portrait) error {
					return s.Accounts.SetPictureOf(cmd.Context(), byLine(), who.ID, p)
				})
			})
		},
	}
}

func (a *app) setPicture(ctx context.Context, s *server.Server, who accounts.Member, of actors.ID, path string, set func(*media.Portrait) error) error {
	p, err := portrayed(ctx, s, who, path)
	if err != nil {
		return err
	}
	if err := set(p); err != nil {
		return err
	}
	changed, err := s.Directory.ByID(ctx, of)
	if err != nil {
		return err
	}
	return a.show(map[string]any{"id": changed.IRI, "icon": changed.Icon}, "picture: "+changed.Icon)
}
