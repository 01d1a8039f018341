package communities

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"strings"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/storage"
	"passerelles/text"
)

//go:embed texts
var letterTexts embed.FS

// letterWords are the letters, letter.<language>.
var letterWords = template.Must(template.ParseFS(letterTexts, "texts/*.html"))

// letter is what a community writes to somebody elsewhere who asks to be a member, or became
// one: how to read its charter and to answer its questions. Each is written to once.
type letter struct {
	Community, Who actors.ID
	IRI            string // of the Note
	Version        int    // of the charter; 0: of none
	At             time.Time
}

// letterHolds is what the words of a letter are filled with.
type letterHolds struct {
	Title, Handle, Page, Link string
	Asking                    bool
	Version                   int
	Questions                 []string
	Text                      template.HTML // of the charter, where its page is not for them: they have no account here
}

// writeTo writes to who asks, or became a member, if there is something to read or to answer.
func (s *Service) writeTo(ctx context.Context, tx storage.Tx, to, community actors.Actor, asking bool) error {
	charter, err := currentCharter(ctx, tx, community.ID)
	if err != nil {
		return err
	}
	holds := letterHolds{Title: community.DisplayName(), Handle: to.Handle(), Page: to.URL, Asking: asking}
	if holds.Page == "" {
		holds.Page = to.IRI
	}
	if charter.Asks() {
		holds.Version = charter.Version
	}
	if asking {
		if holds.Questions, err = questionsOf(ctx, tx, community.ID); err != nil {
			return err
		}
	}
	if holds.Version == 0 && len(holds.Questions) == 0 {
		return nil
	}
	key := s.iris.NewActivity()
	l := letter{Community: community.ID, Who: to.ID, IRI: key + "#note", Version: holds.Version, At: s.now()}
	first, err := insertLetter(ctx, tx, l)
	if err != nil || !first {
		return err
	}
	if community.Access == actors.Confidential {
		holds.Text = template.HTML(charter.HTML()) // cleaned
	} else {
		holds.Link = s.iris.Origin + "/c/" + community.Name + "/charter"
	}
	return s.sendLetter(ctx, tx, l, to, community, holds)
}

// sendLetter says it to one person, in the way in which Mastodon shows a message: a Note that
// is addressed to nobody else and mentions them.
func (s *Service) sendLetter(ctx context.Context, tx storage.Tx, l letter, to, community actors.Actor, holds letterHolds) error {
	of, err := looksOf(ctx, tx, community.ID)
	if err != nil {
		return err
	}
	if letterWords.Lookup("letter."+of.Language) == nil {
		of.Language = "fr"
	}
	var words bytes.Buffer
	if err := letterWords.ExecuteTemplate(&words, "letter."+of.Language, holds); err != nil {
		return err
	}
	content := text.Sanitize(words.String())
	note, err := vocab.Note{ID: l.IRI, Type: "Note", AttributedTo: community.IRI, Content: content, MediaType: "text/html",
		Language: of.Language, ContentMap: map[string]string{of.Language: content}, To: []string{to.IRI}, Published: l.At,
		Tags: []vocab.Tag{{Type: "Mention", Href: to.IRI, Name: to.Handle()}}}.Embed()
	if err != nil {
		return err
	}
	return send(ctx, tx, outbox.Audience{To: []actors.ID{to.ID}}, community, vocab.Activity{ID: strings.TrimSuffix(l.IRI, "#note"),
		Type: "Create", Actor: community.IRI, Object: note, To: []string{to.IRI}, Published: l.At})
}

// IsLetter says whether an IRI can be that of a letter.
func (s *Service) IsLetter(iri string) bool {
	return strings.HasPrefix(iri, s.iris.Activity("")) && strings.HasSuffix(iri, "#note")
}

// ReceiveReply keeps what somebody elsewhere answers to the letter of a community, for those
// who animate it, and that they accept the charter of which it spoke.
func (s *Service) ReceiveReply(ctx context.Context, tx storage.Tx, by actors.Actor, iri, content string) error {
	l, err := letterByIRI(ctx, tx, iri)
	if err != nil {
		return err
	}
	if l.Who != by.ID {
		return fault.New(fault.Forbidden, "This was written to somebody else.")
	}
	st, err := s.standingOf(ctx, tx, l.Community, by.ID)
	if err != nil {
		return err
	}
	if !st.Member {
		words := text.Excerpt(text.Plain(text.Sanitize(content)), longestWords)
		asks, err := updateWords(ctx, tx, l, words)
		if err != nil {
			return err
		}
		if !asks {
			return fault.New(fault.NotFound, "Nobody asks for this any more: it was answered, or taken back.")
		}
	}
	if l.Version == 0 {
		return nil
	}
	return insertAcceptance(ctx, tx, acceptance{l.Community, by.ID, l.Version, s.now()})
}
