package posts_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/media"
	"passerelles/posts"
)

const pdf = "%PDF-1.7 %%EOF"

// takes keeps a file for somebody of ours.
func (tw *town) takes(t *testing.T, who actors.Actor, name string) media.Attach {
	t.Helper()
	f, err := tw.media.Take(t.Context(), who.ID, name, strings.NewReader(pdf))
	check(t, err)
	return media.Attach{ID: f.ID}
}

// attached gives what stands in the last activity of a type as attachments.
func (tw *town) attached(t *testing.T, kind string) []vocab.Attachment {
	t.Helper()
	rows, _ := tw.db.Query(t.Context(), `SELECT body FROM activities WHERE type = $1 ORDER BY id DESC LIMIT 1`, kind)
	body, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]byte])
	check(t, err)
	a, err := vocab.ReadActivity(body)
	check(t, err)
	n, err := vocab.ReadNote(a.Object.Raw)
	check(t, err)
	return n.Attachments
}

func (tw *town) granted(t *testing.T, p posts.Post, address string) bool {
	t.Helper()
	_, grant, _ := strings.Cut(address, "?grant=")
	f, it, err := tw.media.FileByPath(t.Context(), strings.TrimPrefix(p.Files[0].Path(), media.FilePath))
	check(t, err)
	yes, err := tw.media.Granted(t.Context(), grant, f, it)
	check(t, err)
	return yes
}

func TestFilesAreToldToOthers(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: tw.makers.ID, Title: "Plan", Text: "See.",
		Files: []media.Attach{tw.takes(t, tw.ana, "plan.pdf")}})
	check(t, err)
	want := vocab.Attachment{Type: "Document", MediaType: "application/pdf", URL: origin + p.Files[0].Path(), Name: "plan.pdf"}
	if got := tw.attached(t, "Create"); len(got) != 1 || got[0] != want {
		t.Errorf("everybody is told %+v, want %+v", got, want)
	}
	if got := posts.Document(p, iris()).Attachments; len(got) != 1 || got[0] != want {
		t.Errorf("everybody reads %+v", got)
	}
	if got := tw.posts.DocumentFor(p, reader(tw.bob)).Attachments; len(got) != 1 || got[0] != want {
		t.Errorf("Bob reads %+v", got)
	}
}

// TestWhoIsGrantedAFile: what is for members has an address that opens for a while, until one
// of them leaves; what is for those who animate, and in a confidential community, none.
func TestWhoIsGrantedAFile(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	says := func(c actors.Actor, scope string) posts.Post {
		t.Helper()
		p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: c.ID, Title: "Plan", Text: "See.", Scope: scope,
			Files: []media.Attach{tw.takes(t, tw.ana, "plan.pdf")}})
		check(t, err)
		return p
	}
	p := says(tw.makers, posts.Members)
	sent := tw.attached(t, "Create")[0].URL
	if !strings.Contains(sent, "?grant=") || !tw.granted(t, p, sent) {
		t.Errorf("members are sent %s", sent)
	}
	if plain := posts.Document(p, iris()).Attachments[0].URL; tw.granted(t, p, plain) {
		t.Errorf("%s opens for anybody", plain)
	}
	dora := tw.member(t, "dora")
	for name, tc := range map[string]struct {
		r    access.Reader
		want bool
	}{"a member": {reader(tw.ana), true}, "who is none": {reader(dora), false}, "another server": {access.Reader{Host: "new.example"}, false}} {
		if got := tw.granted(t, p, tw.posts.DocumentFor(p, tc.r).Attachments[0].URL); got != tc.want {
			t.Errorf("%s opens it: %v", name, got)
		}
	}
	_, err := tw.communities.Ask(t.Context(), tw.makers.ID, dora.ID, "")
	check(t, err)
	hers := tw.posts.DocumentFor(p, reader(dora)).Attachments[0].URL
	if !tw.granted(t, p, hers) || !tw.granted(t, p, sent) {
		t.Error("a new member does not open it, or closes it for others")
	}
	check(t, tw.communities.Remove(t.Context(), tw.ana.ID, tw.makers.ID, dora.ID))
	if tw.granted(t, p, hers) || tw.granted(t, p, sent) {
		t.Error("who was removed still opens it")
	}
	if fresh := tw.posts.DocumentFor(p, reader(tw.ana)).Attachments[0].URL; !tw.granted(t, p, fresh) {
		t.Error("a member does not open it any more")
	}
	says(tw.makers, posts.Animators)
	if sent := tw.attached(t, "Create")[0].URL; strings.Contains(sent, "grant") {
		t.Errorf("those who animate are sent %s", sent)
	}
	hidden, err := tw.communities.Create(t.Context(), communities.New{Name: "cercle", Title: "C", Access: actors.Confidential, Animator: tw.ana.ID})
	check(t, err)
	says(hidden.Actor, posts.Members)
	if sent := tw.attached(t, "Create")[0].URL; strings.Contains(sent, "grant") {
		t.Errorf("in a confidential community they are sent %s", sent)
	}
	p = says(tw.makers, posts.Members)
	sent = tw.attached(t, "Create")[0].URL
	check(t, tw.posts.Rule(t.Context(), tw.ana.ID, p.ID, posts.Ruling{Act: communities.Remove, Reason: "x"}))
	if tw.granted(t, p, sent) {
		t.Error("what was removed still opens")
	}
}

func TestAPostThatFailsHasNoFile(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	dora := tw.member(t, "dora")
	mine, hers := tw.takes(t, tw.ana, "a.pdf"), tw.takes(t, dora, "d.pdf")
	draft := posts.Draft{Community: tw.makers.ID, Title: "Plan", Text: "See.", Files: []media.Attach{mine, hers}}
	if _, err := tw.posts.Publish(t.Context(), tw.ana.ID, draft); !fault.Is(err, fault.NotFound) {
		t.Errorf("Dora's file: %v", err)
	}
	var hung, said int
	check(t, tw.db.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM files WHERE post IS NOT NULL), (SELECT count(*) FROM posts)`).Scan(&hung, &said))
	if hung != 0 || said != 0 {
		t.Errorf("%d files hang on %d posts", hung, said)
	}
}

func TestEditedAndDeletedWithItsFiles(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	a, b := tw.takes(t, tw.ana, "a.pdf"), tw.takes(t, tw.ana, "b.pdf")
	p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: tw.makers.ID, Title: "Plan", Text: "See.", Scope: posts.Members,
		Files: []media.Attach{a, b}})
	check(t, err)
	edits := func(files []media.Attach) []media.File {
		t.Helper()
		p, err = tw.posts.Edit(t.Context(), tw.ana.ID, p.ID, posts.Draft{Title: "Plan", Text: "See it.", Files: files})
		check(t, err)
		return p.Files
	}
	if got := edits(nil); len(got) != 2 {
		t.Errorf("an edit of words leaves %d files", len(got))
	}
	sent := tw.attached(t, "Update")
	if len(sent) != 2 || !strings.Contains(sent[0].URL, "~m~") {
		t.Errorf("the Update has %+v: a grant of its author's own would be everybody's", sent)
	}
	if got := edits([]media.Attach{b}); len(got) != 1 || got[0].ID != b.ID {
		t.Errorf("there are %+v", got)
	}
	if got := edits([]media.Attach{}); len(got) != 0 {
		t.Errorf("there are %+v", got)
	}
	edits([]media.Attach{tw.takes(t, tw.ana, "c.pdf")})
	check(t, tw.posts.Delete(t.Context(), tw.ana.ID, p.ID))
	var left, erased int
	check(t, tw.db.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM jobs WHERE kind = 'file')`).Scan(&left, &erased))
	if left != 0 || erased != 3 {
		t.Errorf("%d files are left, %d are to be thrown away", left, erased)
	}
}

func TestADocumentForEverybodyHasNoGrant(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Title: "Plan", Text: "See.", Files: []media.Attach{tw.takes(t, tw.ana, "a.pdf")}})
	check(t, err)
	body, err := tw.posts.DocumentFor(p, access.Reader{}).Encode()
	check(t, err)
	if bytes.Contains(body, []byte("grant")) {
		t.Errorf("it reads %s", body)
	}
}

// TestFilesAlone: what has a file needs no words; in a community the file gives the title.
func TestFilesAlone(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	draws := func(name, alt string) media.Attach {
		t.Helper()
		f, err := tw.media.Take(ctx, tw.ana.ID, name, bytes.NewReader(aDrawing(t)))
		check(t, err)
		return media.Attach{ID: f.ID, Alt: &alt, Focus: &media.Focus{X: 0.5, Y: -0.5}}
	}
	for name, tc := range map[string]struct {
		draft posts.Draft
		title string
	}{
		"what it shows":    {posts.Draft{Files: []media.Attach{draws("a.png", ""), draws("b.png", "A <red> saw")}}, "A <red> saw"},
		"how it is called": {posts.Draft{Files: []media.Attach{tw.takes(t, tw.ana, "The plan.v2.pdf")}}, "The plan.v2"},
		"the warning":      {posts.Draft{Summary: "Blood", Files: []media.Attach{draws("c.png", "A thumb")}}, "Blood"},
		"the title":        {posts.Draft{Title: "Saws", Files: []media.Attach{draws("d.png", "A saw")}}, "Saws"},
	} {
		tc.draft.Community = tw.makers.ID
		p, err := tw.posts.Publish(ctx, tw.ana.ID, tc.draft)
		check(t, err)
		if p.Title != tc.title || p.Content != "" {
			t.Errorf("%s: the title is %q, want %q; it says %q", name, p.Title, tc.title, p.Content)
		}
		if said := p.WithTitle(); (said != "") != (tc.title == "Saws") {
			t.Errorf("%s: where titles are not shown it says %q", name, said)
		}
		if a := tw.attached(t, "Create"); name == "the title" && (a[0].FocalPoint == nil || *a[0].FocalPoint != [2]float64{0.5, -0.5}) {
			t.Errorf("others are told %+v", a[0])
		}
	}
	p, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Files: []media.Attach{draws("a.png", "A saw")}})
	check(t, err)
	if _, err := tw.posts.Edit(ctx, tw.ana.ID, p.ID, posts.Draft{}); err != nil {
		t.Errorf("its file stays: %v", err)
	}
	if _, err := tw.posts.Edit(ctx, tw.ana.ID, p.ID, posts.Draft{Files: []media.Attach{}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("nothing is left of it: %v", err)
	}
	if reply, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{InReplyTo: p.ID, Files: []media.Attach{draws("b.png", "Another")}}); err != nil || reply.Title != "" {
		t.Errorf("a reply: %v %q", err, reply.Title)
	}
}

func aDrawing(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	check(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))))
	return b.Bytes()
}
