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
}

// The exit codes, for scripts.
const (
	exitInternal = 1
	exitUsage    = 2
	exitNotFound = 3
	exitRefused  = 4
	exitConflict = 5
	exitAway     = 6 // database or Redis
)

var exits = map[fault.Kind]int{
	fault.Invalid: exitUsage, fault.TooLarge: exitUsage, fault.UnsupportedMedia: exitUsage, fault.NotFound: exitNotFound, fault.Gone: exitNotFound,
	fault.Unauthenticated: exitRefused, fault.Forbidden: exitRefused, fault.TooMany: exitRefused,
	fault.Conflict: exitConflict, fault.Unavailable: exitAway,
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "passerelles",
		Short:         "Communities of practice that federate",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().StringVar(&a.config, "config", "", "the settings file (default: passerelles.toml in the data folder)")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "answer with one JSON object")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fault.Wrap(fault.Invalid, "usage", err)
	})
	root.AddCommand(a.serve(), a.work(), a.migrate(), a.doctor(), a.account(), a.community(),
		a.follow(), a.unfollow(), a.block(), a.unblock(), a.mute(), a.unmute(), a.post(), a.deliveries(), a.domain(), a.reports(), a.rulings(), a.notices(), a.keys(), a.backup(), a.restore())
	return root
}

// report tells what went wrong, in one line, and gives the exit code.
func (a *app) report(err error) int {
	code, ok := exits[fault.KindOf(err)]
	if !ok {
		code = exitInternal
	}
	if strings.HasPrefix(err.Error(), "unknown command") || strings.HasPrefix(err.Error(), "required flag") {
		code = exitUsage // cobra has no type for these
	}
	text := err.Error()
	if a.json {
		answer, _ := json.Marshal(map[string]any{"error": text, "exit": code}) // strings and ints always marshal
		text = string(answer)
	}
	fmt.Fprintln(a.err, text)
	return code
}

// load reads the settings.
func (a *app) load() (config.Config, error) {
	cfg, err := config.Load(a.config, a.environ)
	if err != nil {
		return cfg, fault.Wrap(fault.Invalid, "the settings are not right", err)
	}
	return cfg, nil
}

// with opens the parts of the server, lets f use them and closes them.
func (a *app) with(ctx context.Context, f func(*server.Server) error) error {
	return a.open(ctx, false, f)
}

// start is with for what lasts: whoever reads its log may go, and it stays.
func (a *app) start(ctx context.Context, f func(*server.Server) error) error {
	signal.Ignore(syscall.SIGPIPE)
	tuneMemory(a.environ)
	return a.open(ctx, true, f)
}

func (a *app) open(ctx context.Context, lasting bool, f func(*server.Server) error) (err error) {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	s, err := server.Open(ctx, cfg, server.Options{Log: a.log(cfg, lasting)})
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

// log writes to stderr what the settings ask for. A command that ends at once is
// quiet unless they ask for more than they do by default.
func (a *app) log(cfg config.Config, lasting bool) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		level = slog.LevelInfo // the settings were checked: it is read
	}
	if level == slog.LevelInfo && !lasting {
		level = slog.LevelWarn
	}
	options := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(a.err, options))
	}
	return slog.New(slog.NewTextHandler(a.err, options))
}

// show answers with one JSON object, or with lines for people.
func (a *app) show(object any, lines ...string) error {
	if !a.json {
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
			return fault.Wrap(fault.Invalid, "usage: "+cmd.UseLine(), err)
		}
		return nil
	}
}

// atLeast demands n arguments or more, likewise.
func atLeast(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cobra.MinimumNArgs(n)(cmd, args); err != nil {
			return fault.Wrap(fault.Invalid, "usage: "+cmd.UseLine(), err)
		}
		return nil
	}
}
