package web

import (
	"strconv"
	"strings"
	"time"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/media"
	"passerelles/posts"
)

// composer is the form in which people write.
type composer struct {
	Tell      bool   // where it goes, before it does for the first time
	ID        string // tells the forms of one page apart
	Action    string
	Reply     bool
	Edit      bool
	Community *actors.Actor  // where it goes; nil: not said, or to be chosen
	Choice    []actors.Actor // to choose from
	Scope     string         // who will see it; "": the community chosen says so
	Scopes    []string       // to choose from
	Draft     posts.Draft
	Themes    []communities.Theme // to choose from
	Ruled     []string            // themes that who animates gave it
	Files     []media.File        // that hang on it, or would
	Error     string              // why it was not taken

	changed *posts.Post // by an edit
}

// pollHours are for how long a poll may be asked, on the page.
func pollHours() []int { return []int{1, 6, 24, 3 * 24, 7 * 24, 30 * 24} }

const usualHours = 3 * 24

// PollHours is how long the poll of a draft lasts.
func (c composer) PollHours() int {
	if c.Draft.Poll == nil {
		return usualHours
	}
	return int(c.Draft.Poll.For.Hours())
}

// pollTyped reads a poll; nil: none was written.
func pollTyped(v *visit) *posts.Asking {
	f := v.r.PostFormValue
	typed := strings.TrimSpace(f("poll-options"))
	if typed == "" {
		return nil
	}
	hours, _ := strconv.Atoi(f("poll-hours")) // none is too short
	return &posts.Asking{Options: strings.Split(typed, "\n"), Multiple: f("poll-multiple") != "", HideTotals: f("poll-hide") != "",
		For: time.Duration(min(hours, 1<<20)) * time.Hour}
}

// draftOf reads what was written.
func draftOf(v *visit) posts.Draft {
	f := v.r.PostFormValue
	d := posts.Draft{Title: f("title"), Text: f("text"), Kind: f("kind"), Scope: f("scope"), Themes: themesTyped(v), Poll: pollTyped(v), Quote: quoteTyped(v), Quotable: f("quotable")}
	if withFiles(v.r) { // a form without them, of a script, changes nothing about them
		d.Files = attachments(v)
	}
	return d
}
