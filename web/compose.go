package web

import (
	"passerelles/actors"
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
	Error     string // why it was not taken
}

// draftOf reads what was written.
func draftOf(v *visit) posts.Draft {
	f := v.r.PostFormValue
	return posts.Draft{Title: f("title"), Text: f("text"), Kind: f("kind"), Scope: f("scope")}
}
