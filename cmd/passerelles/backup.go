package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"passerelles/server"
)

// backupView is what a backup holds.
type backupView struct {
	File       string    `json:"file"`
	Origin     string    `json:"origin"`
	Version    int64     `json:"version"`    // of the schema
	PostgreSQL int       `json:"postgresql"` // major version
	Time       time.Time `json:"time"`
}

func backupOf(file string, m server.Manifest) backupView {
	return backupView{file, m.Origin, m.Version, m.PostgreSQL, m.Time}
}

func (a *app) backup() *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: "Write the database and the secret to one file; the server may run", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			m, err := server.Backup(cmd.Context(), cfg, server.Options{Log: a.logTo(cfg, false)}, args[0])
			if err != nil {
				return err
			}
			return a.show(backupOf(args[0], m), fmt.Sprintf(
				"%s holds %s as it was at %s, its secret included: keep it where only you can read it.",
				args[0], m.Origin, m.Time.Format(time.RFC3339)))
		},
	}
}

func (a *app) restore() *cobra.Command {
	return &cobra.Command{
		Use: "restore FILE", Short: "Fill an empty database, and the secret, from a backup; deliveries are paused", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			m, err := server.Restore(cmd.Context(), cfg, server.Options{Log: a.logTo(cfg, false)}, args[0])
			if err != nil {
				return err
			}
			return a.show(backupOf(args[0], m), fmt.Sprintf(
				"%s is as it was at %s. Deliveries are paused: see passerelles deliveries list, then deliveries resume.",
				m.Origin, m.Time.Format(time.RFC3339)))
		},
	}
}
