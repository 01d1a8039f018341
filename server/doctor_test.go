package server

import (
	"log/slog"
	"strings"
	"testing"

	"passerelles/config"
)

// TestDoctorComplainsOfAnOpenRedis, and so does the log of a start.
func TestDoctorComplainsOfAnOpenRedis(t *testing.T) {
	t.Parallel()
	for address, complains := range map[string]bool{
		"redis://10.9.8.7:6379/0":         true,
		"redis://:secret@10.9.8.7:6379/0": false,
	} {
		var log strings.Builder
		cfg := config.Default()
		cfg.DatabaseURL, cfg.RedisURL = "postgres:///x", address
		s := newServer(cfg, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		if _, _, err := s.startServices(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(log.String(), "without a password"); got != complains {
			t.Errorf("%s: the log says %q", address, log.String())
		}
		if !complains {
			continue // it would be asked
		}
		if says, err := s.checkRedis(t.Context(), address); err == nil || err.Error() != redisIsOpen {
			t.Errorf("%s: the doctor says %q, %v", address, says, err)
		}
	}
}
