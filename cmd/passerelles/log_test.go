package main

import (
	"log/slog"
	"testing"

	"passerelles/config"
)

func TestLogLevel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		set     string
		lasting bool
		want    slog.Level
	}{
		{"debug", true, slog.LevelDebug}, {"info", true, slog.LevelInfo}, {"warn", true, slog.LevelWarn}, {"error", true, slog.LevelError},
		{"debug", false, slog.LevelDebug}, {"info", false, slog.LevelWarn}, {"warn", false, slog.LevelWarn}, {"error", false, slog.LevelError},
	} {
		log := (&app{err: t.Output()}).logTo(config.Config{LogLevel: c.set}, c.lasting)
		shows := func(l slog.Level) bool { return log.Enabled(t.Context(), l) }
		if !shows(c.want) || shows(c.want-1) {
			t.Errorf("log_level %s, lasting %v: does not begin at %s", c.set, c.lasting, c.want)
		}
	}
}
