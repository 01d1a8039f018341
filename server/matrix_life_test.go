package server

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/moderation"
	"passerelles/posts"
)

// lives has those who belong to the community do what people do there, for members and
// animators alone: whoever is none reads after it, to the byte, what they read before. From a
// confidential one nothing leaves for a server where no member lives.
func (m *matrix) lives() {
	m.t.Helper()
	readers := m.readers() // the same before and after: each token shows to who has it
	before, told, heard := m.views(readers), len(m.far.tried.String()), len(m.near.tried.String())
	m.within()
	m.await("nothing waits", func() bool {
		return number(m.t, &soaked{Server: m.home.Server}, `SELECT (SELECT count(*) FROM deliveries) + (SELECT count(*) FROM inbox_queue)`) == 0
	})
	after := m.views(readers)
	for _, asked := range slices.Sorted(maps.Keys(before)) {
		if was, is := before[asked], after[asked]; was != is {
			m.t.Errorf("%s tells of what is within: %q, before %q", asked, clip(is, was), clip(was, is))
		}
	}
	if !strings.Contains(m.near.tried.String()[heard:], m.group.Actor.IRI) {
		m.t.Error("the server of a member hears of nothing")
	}
	if m.group.Access == actors.Confidential && strings.Contains(m.far.tried.String()[told:], m.group.Actor.IRI) {
		m.t.Errorf("a server without a member hears of it: %s", m.far.tried.String()[told:])
	}
}

// within is all that is done to a post, in each scope that is not for everybody.
func (m *matrix) within() {
	m.t.Helper()
	ctx, ana, eve := m.t.Context(), m.people["ana"].ID, m.people["eve"].ID
	for _, scope := range []string{posts.Members, posts.Animators} {
		p, err := m.home.Posts.Publish(ctx, ana, posts.Draft{Community: m.group.Actor.ID, Scope: scope, Title: "Fil", Text: "Entre nous."})
		m.must(err)
		gone, err := m.home.Posts.Publish(ctx, ana, posts.Draft{InReplyTo: p.ID, Text: "Passe."})
		m.must(err)
		if scope == posts.Members {
			m.must(m.home.Posts.Like(ctx, eve, p.ID))
			_, err = m.home.Moderation.Report(ctx, moderation.Complaint{By: eve, Post: p.ID, Words: "Non.", Animators: true})
			m.must(err)
		}
		_, err = m.home.Posts.Edit(ctx, ana, p.ID, posts.Draft{Title: "Fil", Text: "Entre nous, encore."})
		m.must(err)
		m.must(m.home.Posts.Delete(ctx, ana, gone.ID))
		for _, act := range []string{communities.Pin, communities.Lock} {
			m.must(m.home.Posts.Rule(ctx, ana, p.ID, posts.Ruling{Act: act, Reason: "ordre"}))
		}
		if _, err := m.home.Posts.ByID(ctx, access.Reader{ID: ana}, p.ID); err != nil {
			m.t.Error(err)
		}
	}
}

// fleeting is what differs each time: when something was said, in words that depend on when it
// is read, the names of sessions, what is offered for a second factor, and how much everybody may
// read here, which is counted anew each five minutes.
var fleeting = regexp.MustCompile(`<time[^>]*>[^<]*</time>|name="key" value="[0-9a-f]+"|name="(offer|challenge)" value="[^"]*"|` +
	`data-passkey="[^"]*"|src="data:image/png[^"]*"|href="otpauth:[^"]*"|<code class="link"[^>]*>[^<]*</code>|` +
	`"(status_count|active_month|activeMonth|activeHalfyear|localPosts|localComments)":\d+`)

// views is all that some who do not belong to the community read.
func (m *matrix) views(readers []onlooker) map[string]string {
	m.t.Helper()
	all := map[string]string{}
	for _, who := range readers {
		if !slices.Contains([]string{"anybody", "who is no member", "who was removed", "a stranger abroad"}, who.name) {
			continue
		}
		for _, address := range m.addresses() {
			for _, accept := range []string{"text/html", "application/activity+json"} {
				_, text := m.request(m.home, http.MethodGet, address, accept, who.as)
				all[who.name+", at "+address+" ("+accept+"),"] = fleeting.ReplaceAllString(text, "")
			}
		}
	}
	return all
}
