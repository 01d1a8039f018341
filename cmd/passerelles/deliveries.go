package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"passerelles/outbox"
	"passerelles/server"
	"passerelles/storage"
)

func (a *app) deliveries() *cobra.Command {
	return group("deliveries", "What waits to be delivered, and what could not be",
		a.deliveriesList(), a.deliveriesRetry(), a.deliveriesDrop(), a.deliveriesPause(), a.deliveriesResume())
}

// backlogView is what waits for one host.
type backlogView struct {
	Host         string     `json:"host"`
	Waiting      int64      `json:"waiting"`
	Dead         int64      `json:"dead"`
	RestingUntil *time.Time `json:"restingUntil,omitempty"`
	FailingSince *time.Time `json:"failingSince,omitempty"`
	Failures     int        `json:"failures"`
	Slow         bool       `json:"slow"`
	Error        string     `json:"error,omitempty"`
}

// letterView is a delivery that was given up.
type letterView struct {
	ID       string    `json:"id"` // of the activity
	Type     string    `json:"type"`
	Host     string    `json:"host"`
	Inbox    string    `json:"inbox"`
	Attempts int       `json:"attempts"`
	Reason   string    `json:"reason"`
	DiedAt   time.Time `json:"diedAt"`
}

func (a *app) deliveriesList() *cobra.Command {
	var host string
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List the hosts for which something waits, and the dead letters", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				backlogs, err := outbox.Backlogs(cmd.Context(), s.DB)
				if err != nil {
					return err
				}
				letters, err := outbox.Letters(cmd.Context(), s.DB, host, 0, limit)
				if err != nil {
					return err
				}
				pause, paused, err := outbox.Paused(cmd.Context(), s.DB)
				if err != nil {
					return err
				}
				return a.showDeliveries(pauseOf(pause, paused), backlogs, letters)
			})
		},
	}
	cmd.Flags().StringVar(&host, "host", "", "only the dead letters of this host")
	cmd.Flags().IntVar(&limit, "limit", 100, "dead letters to list")
	return cmd
}

func (a *app) showDeliveries(pause *pauseView, backlogs []outbox.Backlog, letters []outbox.Letter) error {
	waiting, dead, lines := []backlogView{}, []letterView{}, []string{}
	if pause != nil {
		lines = append(lines, pause.line())
	}
	for _, b := range backlogs {
		waiting = append(waiting, backlogView{b.Host, b.Waiting, b.Letters, b.RestingUntil, b.FailingSince, b.Failures, b.Slow, b.Error})
		lines = append(lines, fmt.Sprintf("%s\t%d waiting\t%d dead\t%s", b.Host, b.Waiting, b.Letters, b.Error))
	}
	for _, l := range letters {
		dead = append(dead, letterView{l.Activity, l.Type, l.Host, l.Inbox, l.Attempts, l.Reason, l.DiedAt})
		lines = append(lines, fmt.Sprintf("dead\t%s\t%s\t%s\t%s", l.Host, l.Type, l.Activity, l.Reason))
	}
	if len(lines) == 0 {
		lines = append(lines, "Nothing waits.")
	}
	return a.show(map[string]any{"paused": pause, "hosts": waiting, "dead": dead}, lines...)
}

func (a *app) deliveriesRetry() *cobra.Command {
	return a.deliveriesAct("retry", "Put a host's dead letters back on their way", "put back",
		func(ctx context.Context, s *server.Server, tx storage.Tx, host string) (int64, error) {
			return outbox.RetryLetters(ctx, tx, host, byLine(), time.Now())
		})
}

func (a *app) deliveriesDrop() *cobra.Command {
	var waiting bool
	cmd := a.deliveriesAct("drop", "Forget a host's dead letters", "dropped",
		func(ctx context.Context, s *server.Server, tx storage.Tx, host string) (int64, error) {
			if waiting {
				if _, err := outbox.DropWaiting(ctx, tx, host, time.Now()); err != nil {
					return 0, err
				}
			}
			return outbox.DropLetters(ctx, tx, host, byLine(), time.Now())
		})
	cmd.Flags().BoolVar(&waiting, "waiting", false, "what still waits too")
	return cmd
}

func (a *app) deliveriesAct(use, short, done string,
	act func(context.Context, *server.Server, storage.Tx, string) (int64, error)) *cobra.Command {
	return &cobra.Command{
		Use: use + " HOST", Short: short, Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *server.Server) (err error) {
				var n int64
				err = s.DB.Write(cmd.Context(), func(tx storage.Tx) error {
					n, err = act(cmd.Context(), s, tx, args[0])
					return err
				})
				if err != nil {
					return err
				}
				return a.show(map[string]any{"host": args[0], done: n}, fmt.Sprintf("%d %s", n, done))
			})
		},
	}
}
