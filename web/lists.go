package web

import (
	"fmt"
	"strings"

	"passerelles/posts"
	"passerelles/timelines"
)

const rowsPerPage = 20

// list is a page of post rows.
type list struct {
	Posts []posts.Post
	Older string // address of the next page, "" at the end
	Named bool   // the community goes without saying
}

// listOf makes a page of what was asked with one row more than it shows, which
// tells whether there are more. path is the address of the first page.
func listOf(found []posts.Post, path string) list {
	l := list{Posts: found}
	mark := "?"
	if strings.Contains(path, mark) {
		mark = "&"
	}
	if len(found) > rowsPerPage {
		l.Posts = found[:rowsPerPage]
		l.Older = fmt.Sprintf("%s%sbefore=%d", path, mark, l.Posts[rowsPerPage-1].ID)
	}
	return l
}

// part is what to ask for, for listOf.
func (v *visit) part() timelines.Page {
	return timelines.Page{Before: v.before(), Limit: rowsPerPage + 1}
}
