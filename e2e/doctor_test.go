package e2e

import (
	"encoding/json"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"passerelles/server"
)

// TestDoctor has a server that runs well examined, from DNS to its own WebFinger
// by its public name.
func TestDoctor(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	s := settleOn(t, g.database("home"), g.redis.RedisURL)
	s.start()
	a := s.do("doctor")
	if a["ok"] != true {
		t.Errorf("doctor finds %v", a["findings"])
	}
	if got := len(a["findings"].([]any)); got != 11 {
		t.Errorf("doctor looks at %d things, want 11: %v", got, a["findings"])
	}
	if log := s.served.log.String(); strings.Contains(log, "power failure") {
		t.Errorf("the log of a start: %s", log)
	}

	// A database that forgets is found, and said at each start.
	db := openDB(t, s)
	_, err := db.Exec(t.Context(), `ALTER DATABASE home SET synchronous_commit = off`)
	must(t, err)
	s.served.stop(syscall.SIGTERM)
	s.start()
	if log := s.served.log.String(); !strings.Contains(log, "synchronous_commit = off") {
		t.Errorf("the log of a start: %s", log)
	}
	cmd := s.command(t.Context(), "doctor")
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "BAD database: PostgreSQL has synchronous_commit = off") {
		t.Errorf("doctor: %v, %s", err, out)
	}
}

// TestDoctorSeesTheCertificateEnd has a server whose certificate holds thirteen days more.
func TestDoctorSeesTheCertificateEnd(t *testing.T) {
	t.Parallel()
	certificate, key, _ := certifyUntil(t, t.TempDir(), time.Now().Add(13*24*time.Hour+time.Hour))
	g := newGround(t)
	s := settleOn(t, g.database("home"), g.redis.RedisURL, "PASSERELLES_TLS_CERT="+certificate, "PASSERELLES_TLS_KEY="+key)
	s.start()
	said, err := s.command(t.Context(), "doctor", "--json").Output()
	if _, complains := err.(*exec.ExitError); !complains { // and all else is well
		t.Errorf("doctor ends with %v", err)
	}
	var found struct{ Findings []server.Finding }
	must(t, json.Unmarshal(said, &found))
	for _, f := range found.Findings {
		if f.OK != (f.Check != "tls") {
			t.Errorf("doctor finds %+v", f)
		}
		if f.Check == "tls" && f.Says != "the certificate ends in 13 days: renew it" {
			t.Errorf("doctor says %q", f.Says)
		}
	}
}
