package posts

import (
	"context"
	"html"
	"path/filepath"
	"strings"

	"passerelles/access"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/media"
	"passerelles/storage"
	"passerelles/text"
)

// hang has files of the author's on a post of ours.
func (s *Service) hang(ctx context.Context, tx storage.Tx, p Post, wanted []media.Attach) ([]media.File, error) {
	if s.media == nil {
		return nil, fault.New(fault.Unavailable, "Files cannot be kept now.")
	}
	return s.media.Hang(ctx, tx, p.Author.ID, p.ID, wanted)
}

// DocumentFor writes a post of ours for one reader, who finds its files by the addresses that
// stand in it, for a while.
func (s *Service) DocumentFor(p Post, r access.Reader) vocab.Note {
	n := Document(p, s.iris)
	if !shown(p.Scope) && r != (access.Reader{}) && s.media != nil {
		n.Attachments = attachments(p.Files, s.iris, func(f media.File) string { return s.media.GrantTo(r, f) })
	}
	return n
}

// documentForAll writes it as it is sent.
func (s *Service) documentForAll(ctx context.Context, q storage.Querier, p Post) (vocab.Note, error) {
	n := Document(p, s.iris)
	if shown(p.Scope) || len(p.Files) == 0 {
		return n, nil
	}
	told, err := access.Told(ctx, q, p.item())
	if err == nil && told {
		n.Attachments = attachments(p.Files, s.iris, s.media.GrantToAll)
	}
	return n, err
}

// attachments are the files of a post as others read them. A picture's name is what it shows,
// as Mastodon has it.
func attachments(files []media.File, iris federation.IRIs, grant func(media.File) string) (all []vocab.Attachment) {
	for _, f := range files {
		a := vocab.Attachment{Type: "Document", MediaType: f.Type, URL: iris.Origin + f.Path() + grant(f), Name: f.Name}
		if f.Picture() {
			a.Type, a.Name, a.Blurhash, a.Width, a.Height = "Image", f.Alt, f.Blurhash, f.Width, f.Height
			if f.FocusX != 0 || f.FocusY != 0 {
				a.FocalPoint = &[2]float64{f.FocusX, f.FocusY}
			}
		}
		all = append(all, a)
	}
	return all
}

// titleOfFiles is the title of a post that is files alone: what the first says that it shows, else
// how it is called.
func titleOfFiles(files []media.File) string {
	for _, f := range files {
		if f.Alt != "" {
			return text.Title(html.EscapeString(f.Alt))
		}
	}
	if len(files) == 0 {
		return ""
	}
	return strings.TrimSuffix(files[0].Name, filepath.Ext(files[0].Name))
}

func noGrant(media.File) string { return "" }
