package server

import (
	"testing"
	"time"

	"passerelles/acts"
	"passerelles/outbox"
	"passerelles/storage"
)

func TestBacklogIsMetered(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 5, 1, 12, 0, 0, 0, time.UTC)
	s := openAt(t, func() time.Time { return now })
	figures := func() map[string]float64 {
		t.Helper()
		families, err := s.meters.registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		of := map[string]float64{}
		for _, f := range families {
			if m := f.GetMetric(); len(m) == 1 && m[0].GetGauge() != nil {
				of[f.GetName()] = m[0].GetGauge().GetValue()
			}
		}
		return of
	}
	expect := func(want map[string]float64) {
		t.Helper()
		got := figures()
		for name, value := range want {
			if is, told := got["passerelles_"+name]; !told || is != value {
				t.Errorf("passerelles_%s = %v, want %v", name, is, value)
			}
		}
	}
	if err := s.Directory.NoteSweep(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	expect(map[string]float64{"deliveries_waiting": 0, "deliveries_oldest_seconds": 0, "deliveries_paused": 0, "dead_letters": 0, "swept_seconds": 0})

	for _, sql := range []string{
		`INSERT INTO hosts (id, name) OVERRIDING SYSTEM VALUE VALUES (901, 'far.example')`,
		`INSERT INTO activities (id, iri, actor, type, body, listed, published) OVERRIDING SYSTEM VALUE
			VALUES (9001, 'a', 1, 'Create', 'b', false, '2027-05-01 11:00Z'), (9002, 'b', 1, 'Create', 'b', false, '2027-05-01 11:30Z')`,
		`INSERT INTO deliveries (host, activity, inbox, slot) VALUES (901, 9001, 1, 0), (901, 9002, 1, 0)`,
		`INSERT INTO dead_letters (host, activity, inbox, slot, attempts, reason, died_at) VALUES (901, 9002, 2, 0, 1, 'r', '2027-05-01 11:30Z')`,
	} {
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.DB.Write(t.Context(), func(tx storage.Tx) error { return outbox.Hold(t.Context(), tx, acts.By{}, "r", now) }); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	expect(map[string]float64{"deliveries_waiting": 2, "deliveries_oldest_seconds": 7200, "deliveries_paused": 1, "dead_letters": 1, "swept_seconds": 3600})
}
