package vocab

import (
	"fmt"
	"strings"
)

// Note views the document as something posted.
func (d Document) Note() (Note, error) {
	d, err := d.as(KindObject)
	if err != nil {
		return Note{}, err
	}
	v := d.root
	n := Note{
		ID: d.ID, Type: d.Type, Raw: d.Raw,
		InReplyTo:         v.get("inReplyTo").iri(),
		Context:           v.get("context").iri(),
		Conversation:      v.get("conversation").iri(),
		URL:               v.get("url").best("text/html").URL,
		MediaType:         v.get("mediaType").text(),
		Sensitive:         v.get("sensitive", "as:sensitive").truth(),
		Published:         v.get("published").time(),
		Updated:           v.get("updated").time(),
		StartTime:         v.get("startTime").time(),
		EndTime:           v.get("endTime").time(),
		Image:             v.illustration(),
		Likes:             v.get("likes").iri(),
		Shares:            v.get("shares").iri(),
		Target:            v.get("target").iri(),
		TargetOwner:       v.get("target").get("attributedTo").iri(),
		ApprovedBy:        v.get("approvedBy", "replyAuthorization").iri(),
		QuoteApproval:     v.get("quoteAuthorization").iri(),
		InteractingObject: v.get("interactingObject", "object").iri(),
		InteractionTarget: v.get("interactionTarget").iri(),
		Stickied:          v.get("stickied").truth(), Distinguished: v.get("distinguished").truth(),
		Poll: v.poll(), Event: v.event(d.Type),
	}
	if enabled := v.get("commentsEnabled"); enabled.is('t') || enabled.is('f') {
		open := enabled.truth()
		n.CommentsEnabled = &open
	}
	n.readText(v)
	n.Replies, n.Answers = v.get("replies").answers()
	if err := n.readLists(v); err != nil {
		return Note{}, fmt.Errorf("%s %s: %w", d.Type, d.ID, err)
	}
	n.QuoteOf = v.quoted(n.Tags)
	return n, nil
}

// readText reads what is said, and in which language.
func (n *Note) readText(v value) {
	var first [3]string
	n.NameMap, first[0] = v.get("nameMap").languages()
	n.SummaryMap, first[1] = v.get("summaryMap").languages()
	n.ContentMap, first[2] = v.get("contentMap").languages()
	n.Name = textOr(v.get("name"), n.NameMap[first[0]])
	n.Summary = textOr(v.get("summary"), n.SummaryMap[first[1]])
	n.Content = textOr(v.get("content"), n.ContentMap[first[2]])
	n.Source, n.SourceType = v.get("source").source()
	n.Language = v.language(n.Content, n.ContentMap, first[2])
}

// answers are where the replies to a post are listed: at an address, on a first page that has
// one, or in the post itself.
func (v value) answers() (list string, ids []string) {
	if list = v.iri(); list != "" || !v.is('{') {
		return list, nil
	}
	page := v
	if first := v.get("first"); first.present() {
		if list = first.iri(); list != "" {
			return list, nil
		}
		page = first
	}
	page.get("orderedItems", "items").each(func(e value) bool {
		if id := e.iri(); id != "" {
			ids = append(ids, id)
		}
		return len(ids) < maxRefs
	})
	return page.get("next").iri(), ids
}

// words are the text of a property or, where there is none, what its map of languages says first.
func (v value) words(key string) string {
	texts, first := v.get(key + "Map").languages()
	return textOr(v.get(key), texts[first])
}

func textOr(v value, other string) string {
	if text := v.text(); text != "" {
		return text
	}
	return other
}

// readLists reads what a post may have many of.
func (n *Note) readLists(v value) (err error) {
	if n.To, n.Cc, n.Audience, err = v.addressing(); err != nil {
		return err
	}
	if n.Authors, err = v.get("attributedTo").iris(maxRefs); err != nil {
		return err
	}
	n.AttributedTo = v.get("attributedTo").author()
	if n.Tags, err = v.get("tag").tags(); err != nil {
		return err
	}
	n.Themes = v.themes()
	if n.Attachments, err = v.get("attachment").attachments(); err != nil {
		return err
	}
	policy := v.get("interactionPolicy")
	if n.AnswerableBy, err = policy.get("canReply").allowed(); err != nil {
		return err
	}
	if n.AnnounceableBy, err = policy.get("canAnnounce").allowed(); err != nil {
		return err
	}
	n.QuotableBy, err = policy.get("canQuote").allowed()
	return err
}

// allowed are those whom a policy lets do something unasked, in the words of today or of GoToSocial
// before 0.20; a policy that names nobody is not the same as none.
func (v value) allowed() ([]string, error) {
	if !v.is('{') {
		return nil, nil
	}
	who, err := v.get("automaticApproval", "always").addresses()
	return append([]string{}, who...), err
}

// author is the first author; of several, PeerTube's channel, a Group, is the author only if nobody else is.
func (v value) author() (author string) {
	v.each(func(e value) bool {
		name, _ := e.kindOf()
		iri := e.iri()
		if iri != "" && (author == "" || name != "Group") {
			author = iri
		}
		return author == "" || name == "Group"
	})
	return author
}

// languages reads a map from language to text, and which came first: that is the author's own.
func (v value) languages() (texts map[string]string, first string) {
	v.members(func(key string, m value) {
		if !m.is('"') || !languageCode(key) {
			return
		}
		if texts == nil {
			texts, first = map[string]string{}, key
		}
		texts[key] = m.text()
	})
	return texts, first
}

// language is that of the content: the entry that says the same, else the first, else what Lemmy
// or Mobilizon say beside it.
func (v value) language(content string, texts map[string]string, first string) string {
	found := first
	if texts[first] != content {
		v.get("contentMap").members(func(key string, _ value) {
			if text, known := texts[key]; known && text == content && texts[found] != content {
				found = key
			}
		})
	}
	if found == "" {
		found = textOr(v.get("language").get("identifier"), v.get("inLanguage").text())
	}
	if found == "und" || !languageCode(found) {
		return ""
	}
	return found
}

// source is what was typed, before it became HTML.
func (v value) source() (text, mediaType string) {
	if v.is('{') {
		return v.get("content").text(), v.get("mediaType").text()
	}
	return v.text(), ""
}

// illustration is the picture of a whole post; a Note's icon is more often its software's.
func (v value) illustration() Image {
	if p := v.get("image").picture(); p.URL != "" {
		return p
	}
	return v.get("icon").picture()
}

// quoted is the post that this one quotes, in one of five notations.
func (v value) quoted(tags []Tag) string {
	for _, key := range []string{"quote", "quoteUrl", "quoteUri", "quoteURL", "_misskey_quote"} {
		if iri := v.get(key).iri(); iri != "" {
			return iri
		}
	}
	for _, t := range tags { // FEP-e232
		if t.Type == "Link" && strings.HasSuffix(t.Rel, "_misskey_quote") {
			return t.Href
		}
	}
	return ""
}

// poll reads what a Question asks.
func (v value) poll() *Poll {
	options, several := v.get("oneOf"), v.get("anyOf")
	if !options.present() && !several.present() {
		return nil
	}
	multiple := options.count() == 0 && several.present() // Pleroma writes both lists, one of them empty
	if multiple {
		options = several
	}
	p := &Poll{Multiple: multiple, Voters: v.get("votersCount").whole()}
	options.each(func(o value) bool {
		if o.is('{') {
			votes := o.get("replies").get("totalItems").whole()
			p.Options = append(p.Options, PollOption{Name: o.get("name").text(), Votes: votes})
		}
		return len(p.Options) < maxOptions
	})
	closed := v.get("closed")
	p.ClosedAt = closed.time()
	p.Closed = closed.truth()
	return p
}
