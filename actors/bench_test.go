package actors_test

import (
	"testing"

	"passerelles/actors"
	"passerelles/federation"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// BenchmarkRemembered measures what each delivery and each request to an inbox asks.
func BenchmarkRemembered(b *testing.B) {
	db := storagetest.New(b)
	d := actors.New(actors.Options{
		DB: db, IRIs: federation.IRIs{Origin: "https://town.example"}, Secret: secret,
	})
	var ana actors.Actor
	err := db.Write(b.Context(), func(tx storage.Tx) (err error) {
		ana, err = d.CreateLocal(b.Context(), tx, actors.NewLocal{Kind: actors.Person, Name: "ana"})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	for name, ask := range map[string]func() error{
		"Key":     func() error { _, err := d.Key(b.Context(), ana.ID); return err },
		"KeyByID": func() error { _, err := d.KeyByID(b.Context(), ana.IRI+"#main-key"); return err },
		"ByIRI":   func() error { _, err := d.ByIRI(b.Context(), ana.IRI); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
