package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"passerelles/outbox"
	"passerelles/server"
	"passerelles/storage"
)

// pauseView tells why nothing is sent.
type pauseView struct {
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
}

func (p pauseView) line() string {
	return fmt.Sprintf("Paused since %s (%s): nothing is sent until passerelles deliveries resume.",
		p.Since.Format(time.RFC3339), p.Reason)
}

// pauseOf gives nil for no pause.
func pauseOf(p outbox.Pause, paused bool) *pauseView {
	if !paused {
		return nil
	}
	return &pauseView{p.Since, p.Reason}
}

func (a *app) deliveriesPause() *cobra.Command {
	return &cobra.Command{
		Use: "pause", Short: "Send nothing more, until resume; what is to be sent waits", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				var pause outbox.Pause
				err := s.DB.Write(cmd.Context(), func(tx storage.Tx) error {
					if err := outbox.Hold(cmd.Context(), tx, byLine(), "by hand", time.Now()); err != nil {
						return err
					}
					var err error
					pause, _, err = outbox.Paused(cmd.Context(), tx)
					return err
				})
				if err != nil {
					return err
				}
				view := pauseOf(pause, true)
				return a.show(map[string]any{"paused": view}, view.line())
			})
		},
	}
}

func (a *app) deliveriesResume() *cobra.Command {
	var drop bool
	cmd := &cobra.Command{
		Use: "resume", Short: "End the pause: send what waits", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				dropped, err := outbox.Resume(cmd.Context(), s.DB, byLine(), drop, time.Now())
				if err != nil {
					return err
				}
				return a.show(map[string]any{"paused": nil, "dropped": dropped},
					fmt.Sprintf("Deliveries go on; %d were given up.", dropped))
			})
		},
	}
	cmd.Flags().BoolVar(&drop, "drop", false, "first give up what waited when the pause began, in a backup for instance")
	return cmd
}
