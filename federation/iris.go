package federation

import (
	"crypto/rand"
	"net/url"
	"strconv"
	"strings"
)

// IRIs names what this server publishes. Actor ids never hold the handle, so
// that a community can be renamed.
type IRIs struct {
	Origin string // scheme://host[:port], no trailing slash
}

// Host is host[:port] of this server, as it stands in handles.
func (i IRIs) Host() string { return Host(i.Origin) }

// Application is the actor of the server itself.
func (i IRIs) Application() string { return i.Origin + "/actor" }

// SharedInbox takes what concerns any actor of this server.
func (i IRIs) SharedInbox() string { return i.Origin + "/inbox" }

// Actor names a person or a community of ours.
func (i IRIs) Actor(id int64) string { return i.Origin + "/actors/" + strconv.FormatInt(id, 10) }

// Theme names a theme of a community of ours.
func (i IRIs) Theme(community, id int64) string {
	return i.Actor(community) + "/themes/" + strconv.FormatInt(id, 10)
}

// Post names a post of ours.
func (i IRIs) Post(id int64) string { return i.Origin + "/posts/" + strconv.FormatInt(id, 10) }

// Tag is the page of a hashtag, given as it is looked up.
func (i IRIs) Tag(folded string) string { return i.Origin + "/tags/" + url.PathEscape(folded) }

// Context names the collection of a thread of ours, by its first post.
func (i IRIs) Context(root int64) string { return i.Post(root) + "/context" }

// Quote names the leave to quote a post of ours.
func (i IRIs) Quote(post, id int64) string {
	return i.Post(post) + "/quotes/" + strconv.FormatInt(id, 10)
}

// Echo names what a community says in the place of a post.
func (i IRIs) Echo(id int64) string { return i.Origin + "/echoes/" + strconv.FormatInt(id, 10) }

// Activity names an activity of ours.
func (i IRIs) Activity(key string) string { return i.Origin + "/activities/" + key }

// NewActivity names an activity of ours that is like no other.
func (i IRIs) NewActivity() string { return i.Activity(strings.ToLower(rand.Text())) }

// Local says whether an IRI is one of ours.
func (i IRIs) Local(iri string) bool { return iri == i.Origin || strings.HasPrefix(iri, i.Origin+"/") }

// ActorID reads the id out of an actor's IRI of ours, 0 if it is none.
func (i IRIs) ActorID(iri string) int64 { return i.number(iri, "/actors/") }

// PostID reads the id out of a post's IRI of ours, 0 if it is none.
func (i IRIs) PostID(iri string) int64 { return i.number(iri, "/posts/") }

// EchoID reads the id out of an echo’s IRI, 0 if it is none.
func (i IRIs) EchoID(iri string) int64 { return i.number(iri, "/echoes/") }

func (i IRIs) number(iri, path string) int64 {
	digits, found := strings.CutPrefix(iri, i.Origin+path)
	if !found {
		return 0
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != digits { // one id, one spelling
		return 0
	}
	return id
}
