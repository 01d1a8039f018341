package main

import (
	"github.com/spf13/cobra"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/server"
)

func (a *app) keys() *cobra.Command {
	return group("keys", "The keys with which this server signs", a.keysRotate())
}

func (a *app) keysRotate() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "rotate [NAME]",
		Short: "Give an account or a community, or all, new keys; the old ones are shown for a day",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) == 1) {
				return fault.New(fault.Invalid, "Give a name, or --all.")
			}
			return a.with(cmd.Context(), func(s *server.Server) error {
				ids, lines := []string{}, []string{}
				told := func(who actors.Actor) {
					ids, lines = append(ids, who.IRI), append(lines, who.Handle()+" has new keys.")
				}
				if all {
					if err := s.RotateAllKeys(cmd.Context(), byLine(), told); err != nil {
						return err
					}
					return a.show(map[string]any{"rotated": ids}, lines...)
				}
				found, err := s.Directory.ByName(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if found, err = s.RotateKeys(cmd.Context(), byLine(), found.ID); err != nil {
					return err
				}
				told(found)
				return a.show(map[string]any{"rotated": ids}, lines...)
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "all accounts and communities, and the server itself")
	return cmd
}
