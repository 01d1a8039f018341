package web

import (
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

// draftOf reads what was written.
func draftOf(v *visit) posts.Draft {
	f := v.r.PostFormValue
	d := posts.Draft{Title: f("title"), Text: f("text"), Kind: f("kind"), Scope: f("scope"), Themes: themesTyped(v)}
	if withFiles(v.r) { // a form without them, of a script, changes nothing about them
		d.Files = attachments(v)
	}
	return d
}
