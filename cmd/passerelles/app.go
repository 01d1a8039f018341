package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"passerelles/accounts"
	"passerelles/acts"
	"passerelles/config"
	"passerelles/fault"
	"passerelles/server"
)

// app is one run of the command line.
type app struct {
	environ []string
	in      io.Reader
	out     io.Writer
	err     io.Writer
	config  string // path given by --config
	json    bool
	log     *slog.Logger // nil before the settings are read
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "passerelles",
		Short:         "Communities of practice that federate",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       builtFrom().line(),
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.PersistentFlags().StringVar(&a.config, "config", "", "the settings file (default: /etc/passerelles.toml, else passerelles.toml in the data folder)")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "answer with one JSON object")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return misused(cmd, err)
	})
	root.AddCommand(a.serve(), a.work(), a.migrate(), a.doctor(), a.account(), a.community(),
		a.follow(), a.unfollow(), a.block(), a.unblock(), a.mute(), a.unmute(), a.post(), a.deliveries(), a.domain(), a.reports(), a.rulings(), a.acts(), a.notices(), a.keys(), a.backup(), a.restore(), a.version())
	return root
}

// load reads the settings.
func (a *app) load() (config.Config, error) {
	cfg, err := config.Load(a.config, a.environ)
	if err != nil {
		return cfg, fault.New(fault.Invalid, "The settings are not right:\n"+err.Error())
	}
	return cfg, nil
}

// with opens the parts of the server, lets f use them and closes them.
func (a *app) with(ctx context.Context, f func(*server.Server) error) error {
	return a.open(ctx, false, server.Options{}, f)
}

// start is with for what lasts: whoever reads its log may go, and it stays.
func (a *app) start(ctx context.Context, o server.Options, f func(*server.Server) error) error {
	signal.Ignore(syscall.SIGPIPE)
	tuneMemory(a.environ)
	return a.open(ctx, true, o, f)
}

func (a *app) open(ctx context.Context, lasting bool, o server.Options, f func(*server.Server) error) (err error) {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	o.Log = a.logTo(cfg, lasting)
	s, err := server.Open(ctx, cfg, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return f(s)
}

// acting opens the server and finds who acts.
func (a *app) acting(ctx context.Context, as string, f func(*server.Server, accounts.Member) error) error {
	return a.with(ctx, func(s *server.Server) error {
		who, err := s.Accounts.ByName(ctx, as)
		if err != nil {
			return err
		}
		if err := s.Accounts.Admitted(ctx, who.ID); err != nil {
			return err
		}
		return f(s, who)
	})
}

// byLine is who acts on the command line: whoever has this machine.
func byLine() acts.By { return acts.By{Line: true} }

// logTo writes to stderr what the settings ask for. A command that ends at once is
// quiet unless they ask for more than they do by default.
func (a *app) logTo(cfg config.Config, lasting bool) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		level = slog.LevelInfo // the settings were checked: it is read
	}
	if level == slog.LevelInfo && !lasting {
		level = slog.LevelWarn
	}
	options := &slog.HandlerOptions{Level: level}
	a.log = slog.New(slog.NewTextHandler(a.err, options))
	if cfg.LogFormat == "json" {
		a.log = slog.New(slog.NewJSONHandler(a.err, options))
	}
	return a.log
}

// show answers with one JSON object, or with lines for people.
func (a *app) show(object any, lines ...string) error {
	if !a.json {
		if len(lines) == 0 {
			lines = []string{"There is nothing to list."}
		}
		_, err := fmt.Fprintln(a.out, strings.Join(lines, "\n"))
		return err
	}
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(object)
}

// line reads one line of stdin: passwords never stand in the arguments, where
// other users of the machine could read them.
func (a *app) line(what string) (string, error) {
	text, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read %s: %w", what, err)
	}
	text = strings.TrimRight(text, "\r\n")
	if text == "" {
		return "", fault.New(fault.Invalid, what+" is expected on standard input")
	}
	return text, nil
}

// required demands flags, and says so in the help.
func required(cmd *cobra.Command, flags ...string) {
	for _, flag := range flags {
		_ = cmd.MarkFlagRequired(flag) // fails only when the flag does not exist: then so does the next line
		cmd.Flags().Lookup(flag).Usage += " (required)"
	}
}

// group makes a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return fault.New(fault.Invalid, "say what to do: passerelles "+use+" --help lists it")
	}}
	g.AddCommand(commands...)
	return g
}

// exactly demands n arguments, as a usage error.
func exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cobra.ExactArgs(n)(cmd, args); err != nil {
			return misused(cmd, err)
		}
		return nil
	}
}

// atLeast demands n arguments or more, likewise.
func atLeast(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cobra.MinimumNArgs(n)(cmd, args); err != nil {
			return misused(cmd, err)
		}
		return nil
	}
}
