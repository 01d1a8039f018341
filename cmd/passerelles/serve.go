package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"passerelles/server"
	"passerelles/storage"
)

func (a *app) serve() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Serve the site, the inboxes and the work", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.start(cmd.Context(), server.Options{Begin: true}, func(s *server.Server) error {
				welcome, err := s.Welcome(cmd.Context())
				if err != nil {
					return err
				}
				s.Ready = func() { fmt.Fprintln(a.out, welcome) }
				return s.Serve(cmd.Context())
			})
		},
	}
}

func (a *app) work() *cobra.Command {
	return &cobra.Command{
		Use: "work", Short: "Work alone: deliver and apply, serve nothing", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.start(cmd.Context(), server.Options{}, func(s *server.Server) error { return s.WorkAlone(cmd.Context()) })
		},
	}
}

func (a *app) migrate() *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "Bring the database's schema up to date", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error { // opening migrates
				version, err := storage.Version(cmd.Context(), s.DB)
				if err != nil {
					return err
				}
				return a.show(map[string]any{"version": version}, fmt.Sprintf("The schema is at version %d.", version))
			})
		},
	}
}
