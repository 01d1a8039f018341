package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"passerelles/fault"
	"passerelles/server"
)

func (a *app) doctor() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Check the settings, the database, Redis, the clock and the public name", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				findings, lines, bad := s.Doctor(cmd.Context()), []string{}, 0
				for _, f := range findings {
					mark := "ok  "
					if !f.OK {
						mark, bad = "BAD ", bad+1
					}
					lines = append(lines, mark+f.Check+": "+f.Says)
				}
				if err := a.show(map[string]any{"ok": bad == 0, "findings": findings}, lines...); err != nil {
					return err
				}
				if bad > 0 {
					return fault.New(fault.Forbidden, fmt.Sprintf("%d of %d checks failed", bad, len(findings)))
				}
				return nil
			})
		},
	}
}
