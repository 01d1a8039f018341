package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"passerelles/accounts"
	"passerelles/fault"
	"passerelles/server"
)

func (a *app) accountExport() *cobra.Command {
	return &cobra.Command{
		Use: "export NAME FILE", Short: "Write all that a member told this server to a ZIP file", Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.acting(cmd.Context(), args[0], func(s *server.Server, m accounts.Member) (err error) {
				file, err := os.OpenFile(args[1], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
				if err != nil {
					return fault.New(fault.Conflict, fmt.Sprintf("The file cannot be made: %v.", err))
				}
				defer func() {
					if err = errors.Join(err, file.Close()); err != nil {
						err = errors.Join(err, os.Remove(args[1])) // what is not noted, or not whole, is not left
					}
				}()
				if err := s.Departures.ExportFor(cmd.Context(), byLine(), m, file); err != nil {
					return err
				}
				return a.show(map[string]any{"file": args[1]}, "Written to "+args[1])
			})
		},
	}
}

func (a *app) accountDelete() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "delete NAME", Short: "Delete an account for ever: what it wrote too, here and, as far as they obey, elsewhere", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !yes {
				return fault.New(fault.Invalid, "this cannot be undone: say --yes")
			}
			return a.acting(cmd.Context(), args[0], func(s *server.Server, m accounts.Member) error {
				if err := s.Departures.Dismiss(cmd.Context(), byLine(), m.ID); err != nil {
					return err
				}
				if err := s.Departures.Erase(cmd.Context(), m.ID); err != nil {
					return err
				}
				return a.show(map[string]any{"id": s.IRIs.Actor(int64(m.ID)), "deleted": true},
					fmt.Sprintf("%s is deleted; the running server tells the others.", m.Name))
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "really")
	return cmd
}
