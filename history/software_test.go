package history

import "testing"

// TestOutboxes reads the outbox of each software that we know, as it is the first time
// that somebody here follows.
func TestOutboxes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		software, actor string
		want            []string
	}{
		{"lemmy", "/c/group", []string{"0*", "1*", "2*", "3*"}},
		{"nodebb", "/category/5", []string{"1*", "2>1", "3>2"}},
		{"mastodon", "/users/una", []string{"1", "2", "3>1", "4>3"}},
		{"mbin", "/m/group", nil},
		{"piefed", "/c/group", []string{"12*"}},
		{"wordpress", "/?author=0", []string{"8*"}},
	} {
		t.Run(tc.software, func(t *testing.T) {
			t.Parallel()
			w, p := newTown(t), like(t, tc.software)
			a := w.finds(p, tc.actor)
			w.follows(a)
			w.works()
			w.wantShown(tc.want...)
			if p.most > 1 {
				t.Errorf("the server was asked %d things at once", p.most)
			}
			if n := w.number(`SELECT count(*) FROM activities`); n > 0 {
				t.Errorf("%d activities were sent: old posts are announced to nobody", n)
			}
			if n := w.number(`SELECT count(*) FROM posts WHERE to_timestamp((id >> 21) / 1000.0) - published NOT BETWEEN interval '-1 s' AND interval '1 s'`); n > 0 {
				t.Errorf("%d posts stand at another time than theirs", n)
			}

			asked := p.total
			w.follows(a)
			w.works()
			if p.total != asked {
				t.Errorf("followed again a moment later, the server was asked %d times more", p.total-asked)
			}
		})
	}
	t.Run("guppe", func(t *testing.T) {
		t.Parallel()
		w, mastodon := newTown(t), like(t, "mastodon")
		w.follows(w.finds(like(t, "guppe", mastodon), "/u/group"))
		w.works()
		w.wantShown("1*", "3>1", "4>3")
	})
}
