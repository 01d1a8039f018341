package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"passerelles/fault"
	"passerelles/server"
)

func (a *app) doctor() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Check the settings, the database, Redis, the clock and the public name; change nothing", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			findings, err := server.Examine(cmd.Context(), cfg, server.Options{Log: a.logTo(cfg, false)})
			if err != nil {
				return err
			}
			lines, bad := []string{}, 0
			for _, f := range findings {
				lines = append(lines, mark(f)+f.Check+": "+f.Says)
				if !f.OK {
					bad++
				}
			}
			if err := a.show(map[string]any{"ok": bad == 0, "findings": findings}, lines...); err != nil {
				return err
			}
			if bad > 0 {
				return fault.New(fault.Forbidden, fmt.Sprintf("%d of %d checks failed.", bad, len(findings)))
			}
			return nil
		},
	}
}

func mark(f server.Finding) string {
	switch {
	case !f.OK:
		return "BAD "
	case f.Note:
		return "--  "
	}
	return "ok  "
}
