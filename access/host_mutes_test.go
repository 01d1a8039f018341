package access_test

import (
	"testing"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// TestMuteAServerNobodyKnows: the mute waits for the server, asks nothing of it, and holds from its first post on.
func TestMuteAServerNobodyKnows(t *testing.T) {
	t.Parallel()
	db := newVillage(t)
	ana, eve := actors.ID(1), actors.ID(9)
	do := func(f func(tx storage.Tx) error) {
		t.Helper()
		if err := db.Write(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	do(func(tx storage.Tx) error { return access.MuteHost(t.Context(), tx, ana, "Loud.example", noon) })
	var known int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM hosts WHERE name = 'loud.example'`).Scan(&known); err != nil || known != 0 {
		t.Errorf("%d such servers are known, %v: one would be asked what it runs", known, err)
	}
	exec(t, db, `INSERT INTO hosts (name) VALUES ('loud.example')`)
	exec(t, db, `
		INSERT INTO actors (id, iri, kind, host, name, published, refreshed_at)
		SELECT $1, 'https://loud.example/eve', 'person', id, 'eve', $2, $2 FROM hosts WHERE name = 'loud.example'`, eve, noon)
	shunned, err := access.ShunnedAmong(t.Context(), db, ana, []actors.ID{eve})
	if err != nil || len(shunned) != 1 {
		t.Errorf("shunned are %v, %v, want eve", shunned, err)
	}
	if all, err := access.MutedHosts(t.Context(), db, ana); err != nil || len(all) != 1 || all[0] != "loud.example" {
		t.Errorf("muted are %v, %v", all, err)
	}
	do(func(tx storage.Tx) error { return access.UnmuteHost(t.Context(), tx, ana, "loud.example") })
	if shunned, err := access.ShunnedAmong(t.Context(), db, ana, []actors.ID{eve}); err != nil || len(shunned) != 0 {
		t.Errorf("taken back, shunned are %v, %v", shunned, err)
	}
	exec(t, db, `INSERT INTO hosts (name) VALUES ('intranet:8443')`)
	do(func(tx storage.Tx) error { return access.MuteHost(t.Context(), tx, ana, "intranet:8443", noon) })
	err = db.Write(t.Context(), func(tx storage.Tx) error { return access.MuteHost(t.Context(), tx, ana, "nonsense", noon) })
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("what is no name: %v", err)
	}
}
