package jobs

import (
	"context"
	"strconv"
	"testing"
	"time"

	"passerelles/storage/storagetest"
)

// TestDeaths has a job end whoever does it. After five times it is given up; others, which
// were in the hands of who died once or four times, are done.
func TestDeaths(t *testing.T) {
	t.Parallel()
	db := storagetest.New(t)
	now := time.Now().Add(time.Second)
	e := newEngine(t, db, storagetest.Redis(t))
	e.now = func() time.Time { return now }
	did := map[string]int{}
	e.Handle("do", func(_ context.Context, j Job) error {
		did[j.Key]++
		return nil
	})
	add(t, db, "do", "killer")
	add(t, db, "do", "harmless")
	add(t, db, "do", "unlucky")
	numberOf := func(key string) (id int64) {
		t.Helper()
		if err := db.QueryRow(t.Context(), `SELECT id FROM jobs WHERE key = $1`, key).Scan(&id); err != nil {
			t.Fatal(err)
		}
		return id
	}
	killer, harmless, unlucky := numberOf("killer"), numberOf("harmless"), numberOf("unlucky")
	dies := func(id int64, alone, want bool) {
		t.Helper()
		if _, ok, err := takeJob(t.Context(), db, id, alone, e.kinds(), now, now.Add(jobLease)); ok != want || err != nil {
			t.Errorf("who would die of job %d, alone %t, has it: %t, %v", id, alone, ok, err)
		}
	}
	dies(killer, false, true)
	dies(harmless, false, true)
	now = now.Add(jobLease)
	dies(killer, false, true)
	now = now.Add(jobLease)
	dies(killer, false, false) // twice is no accident: by itself only
	for range 3 {
		dies(killer, true, true)
		dies(unlucky, true, true)
		now = now.Add(jobLease)
	}
	dies(unlucky, true, true)
	now = now.Add(jobLease)
	for _, id := range []int64{killer, harmless, unlucky} {
		if err := e.answerJob(t.Context(), strconv.FormatInt(id, 10)); err != nil {
			t.Error(err)
		}
	}
	if did["killer"] != 0 || did["harmless"] != 1 || did["unlucky"] != 1 {
		t.Errorf("done: %v, want the harmless and the unlucky one once", did)
	}
	eventually(t, db, "the killer is dead", `EXISTS (SELECT FROM jobs WHERE key = 'killer' AND dead_at IS NOT NULL AND error LIKE 'whoever did it died%')`)
	eventually(t, db, "nothing waits", `NOT EXISTS (SELECT FROM jobs WHERE dead_at IS NULL)`)
}
