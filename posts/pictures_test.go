package posts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/federation/vocab"
	"passerelles/posts"
)

func TestPicturesComeWithAPost(t *testing.T) {
	t.Parallel()
	picture := func(n int) vocab.Attachment {
		return vocab.Attachment{Type: "Document", MediaType: "image/webp", URL: fmt.Sprintf("https://files.example/%d.webp", n),
			Name: "a & b", Width: 4, Height: 3}
	}

	t.Run("they follow its versions, and go with it", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		n := note(tw.bob, "1", "look", vocab.Public, tw.makers.IRI)
		n.Attachments = []vocab.Attachment{picture(1), picture(2), picture(1),
			{Type: "Audio", MediaType: "audio/ogg", URL: "https://files.example/song.ogg", Name: "song"}}
		tw.receive(t, said(t, "Create", tw.bob, n))
		p := tw.byIRI(t, n.ID)
		want := []posts.Picture{
			{Post: p.ID, URL: "https://files.example/1.webp", Alt: "a & b", Width: 4, Height: 3},
			{Post: p.ID, Place: 1, URL: "https://files.example/2.webp", Alt: "a & b", Width: 4, Height: 3}}
		if fmt.Sprint(p.Pictures) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", p.Pictures, want)
		}
		if strings.Contains(p.Content, ".webp") || !strings.Contains(p.Content, `href="https://files.example/song.ogg"`) {
			t.Errorf("content %q", p.Content)
		}

		n.Updated = n.Published.Add(time.Minute)
		tw.clock.pass(time.Hour)
		n.Attachments = []vocab.Attachment{picture(2)}
		tw.receive(t, said(t, "Update", tw.bob, n))
		if p := tw.byIRI(t, n.ID); len(p.Pictures) != 1 || p.Pictures[0].URL != "https://files.example/2.webp" {
			t.Errorf("after an Update: %v", p.Pictures)
		}

		check(t, tw.posts.Delete(t.Context(), tw.ana.ID, p.ID))
		var left int
		check(t, tw.db.QueryRow(t.Context(), `SELECT count(*) FROM pictures`).Scan(&left))
		if left != 0 {
			t.Errorf("%d remain of a deleted post", left)
		}
	})

	t.Run("what stands for a page is one, of a Note it is not", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		for kind, want := range map[string]int{"Page": 1, "Note": 0} {
			n := note(tw.zoe, kind, "look", vocab.Public)
			n.Type, n.Image = kind, vocab.Image{URL: "https://files.example/1.png"}
			tw.receive(t, said(t, "Create", tw.zoe, n))
			if p := tw.byIRI(t, n.ID); len(p.Pictures) != want {
				t.Errorf("%s: %v, want %d", kind, p.Pictures, want)
			}
		}
	})

	t.Run("no more than sixteen", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		n := note(tw.bob, "1", "look", vocab.Public)
		for i := range 40 {
			n.Attachments = append(n.Attachments, picture(i))
		}
		tw.receive(t, said(t, "Create", tw.bob, n))
		p, err := tw.posts.ByIRI(t.Context(), access.Reader{}, n.ID)
		check(t, err)
		if len(p.Pictures) != 16 {
			t.Errorf("%d pictures", len(p.Pictures))
		}
	})
}
