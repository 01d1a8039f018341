package communities_test

import (
	"strings"
	"testing"

	"passerelles/communities"
	"passerelles/fault"
	"passerelles/media"
	"passerelles/storage"
)

// TestSetPicture: those who animate choose it, its document names it and followers are told.
func TestSetPicture(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, club := t.Context(), tw.makers.Actor.ID
	if err := tw.Service.SetPicture(ctx, tw.ana.ID, club, nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("where no files are kept: %v", err)
	}
	pictures := media.New(media.Options{DB: tw.db, Shelf: t.TempDir(), Folder: t.TempDir()})
	tw.Service = communities.NewService(communities.Options{DB: tw.db, Directory: tw.dir, IRIs: tw.iris, Media: pictures})
	tw.write(t, func(tx storage.Tx) error {
		return tw.ReceiveFollow(ctx, tx, tw.bob, tw.makers.Actor, followBy(t, tw.bob, tw.makers.Actor, "1"))
	})
	p := func(id int64) *media.Portrait {
		return &media.Portrait{ID: id, Type: "image/png", Content: []byte{1}, At: tw.makers.CreatedAt}
	}
	if err := tw.SetPicture(ctx, tw.bob.ID, club, p(5)); !fault.Is(err, fault.Forbidden) {
		t.Errorf("who does not animate: %v", err)
	}
	shows := func(want string) {
		t.Helper()
		a, err := tw.dir.ByID(ctx, club)
		check(t, err)
		d, err := tw.Document(ctx, tw.db, a)
		check(t, err)
		if d.Icon.URL != want || want != "" && d.Icon.MediaType != "image/png" {
			t.Errorf("its document names %+v, want %q", d.Icon, want)
		}
		if sent := tw.sent(t); !strings.HasPrefix(sent[len(sent)-1], "Update(Group ") {
			t.Errorf("told: %q", sent)
		}
	}
	check(t, tw.SetPicture(ctx, tw.ana.ID, club, p(6)))
	shows("https://town.example/portraits/6.png")
	check(t, tw.SetPicture(ctx, tw.ana.ID, club, p(7)))
	shows("https://town.example/portraits/7.png")
	if _, err := pictures.PortraitByPath(ctx, "6.png"); !fault.Is(err, fault.NotFound) {
		t.Errorf("the one before is still there: %v", err)
	}
	_, err := tw.AddTheme(ctx, tw.ana.ID, club, communities.Worded{Name: "Bois"}) // leaves it as it is
	check(t, err)
	shows("https://town.example/portraits/7.png")
	check(t, tw.SetPicture(ctx, tw.ana.ID, club, nil))
	shows("")
	check(t, tw.SetPicture(ctx, tw.ana.ID, club, p(8)))
	check(t, tw.Delete(ctx, tw.ana.ID, club, "makers"))
	if _, err := pictures.PortraitByPath(ctx, "8.png"); !fault.Is(err, fault.NotFound) {
		t.Errorf("it outlives its community: %v", err)
	}
}
