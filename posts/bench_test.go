package posts_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// BenchmarkReceive keeps replies to a post in a community here, and announces each.
func BenchmarkReceive(b *testing.B) {
	tw := newTown(b)
	p, err := tw.posts.Publish(b.Context(), tw.ana.ID, posts.Draft{Community: tw.makers.ID, Text: "Hello"})
	check(b, err)
	all := make([]posts.In, b.N)
	for i := range all {
		n := note(tw.zoe, fmt.Sprint(i), "reply", vocab.Public, tw.makers.IRI)
		n.InReplyTo = p.IRI
		all[i] = said(b, "Create", tw.zoe, n)
	}
	var next atomic.Int64
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			in := all[next.Add(1)-1]
			err := tw.db.Write(b.Context(), func(tx storage.Tx) error {
				_, err := tw.posts.Receive(b.Context(), tx, in)
				return err
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}
