package web

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/posts"
)

// BenchmarkCanSee gives what the rule of who sees adds to pages of 40 threads that are for
// members: the lists with it and without, and the pages as a member gets them, by turns.
func BenchmarkCanSee(b *testing.B) {
	w := newTown(b)
	for i := range 400 {
		w.says(w.ana, posts.Draft{Community: w.makers.Actor.ID, Title: fmt.Sprintf("Fil %d", i), Text: "Qui en voudrait?", Scope: posts.Members})
	}
	if _, err := w.DB.Exec(b.Context(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
	ana := w.as(w.ana)
	list := func(rule string) {
		rows, _ := w.DB.Query(b.Context(), `
			SELECT p.id
			FROM posts p
			WHERE p.deleted_at IS NULL AND p.parent_iri = '' AND p.community = @subject AND (p.announced OR p.local) AND `+rule+`
			ORDER BY p.id DESC
			LIMIT 40`, pgx.NamedArgs{"reader": int64(w.ana.ID), "subject": int64(w.makers.Actor.ID)}) // CollectRows returns Query's error
		if ids, err := pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil || len(ids) != 40 {
			b.Fatalf("%d threads, %v", len(ids), err)
		}
	}
	var page, with, without time.Duration
	times := func(sum *time.Duration, do func()) {
		begun := time.Now()
		do()
		*sum += time.Since(begun)
	}
	for b.Loop() {
		pages := 0
		for pages < 40 { // as many as it takes
			times(&page, func() { ana.get("/c/makers").shows(b, 200, "Fil 399") })
			pages += rowsPerPage
		}
		times(&with, func() { list(access.Visible("p")) })
		times(&without, func() { list(`@reader::bigint <> 0`) })
	}
	b.ReportMetric(100*(with-without).Seconds()/(page-with+without).Seconds(), "%_more")
	b.ReportMetric(float64((with-without).Microseconds())/float64(b.N), "µs_rule")
	b.ReportMetric(float64(page.Microseconds())/float64(b.N), "µs_page")
}
