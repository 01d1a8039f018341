package server

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"passerelles/actors"
	"passerelles/posts"
	"passerelles/reading"
)

// TestStreamsOfWhatMembersKeep hears what their lists, hashtags, filters and exchanges hold, and what is shared.
func TestStreamsOfWhatMembersKeep(t *testing.T) {
	t.Parallel()
	r := newRiver(t, "ana", "bob", "eve")
	eve := r.people["eve"].ID
	r.group("makers", actors.Open, "ana")
	if _, err := r.Accounts.Follow(t.Context(), eve, r.actor("bob")); err != nil {
		t.Fatal(err)
	}
	list, err := r.Reading.NewList(t.Context(), eve, reading.List{Title: "Proches", Exclusive: true})
	r.must(err)
	number := strconv.FormatInt(list.ID, 10)
	if _, answer, err := r.dial("stream=list&list="+number+"&access_token="+r.token("bob"), nil); err == nil || answer.StatusCode != 404 {
		t.Errorf("the list of another: %v %v", err, answer)
	}

	user, token := r.listens("stream=user", r.token("eve")), r.token("eve")
	some := r.listens("stream=hashtag&tag="+url.QueryEscape("Établi"), token)
	own := r.listens("stream=list&list="+number, token)
	talk := r.listens("stream=direct", token)

	r.says("ana", posts.Draft{Text: "Sans."})
	tagged := r.says("ana", posts.Draft{Text: "Un #etabli."})
	if h := some.hears(); h.Event != "update" || h.status(t).ID != strconv.FormatInt(tagged.ID, 10) || len(h.Stream) != 2 || h.Stream[1] != "Établi" {
		t.Errorf("of a hashtag: %+v", h)
	}

	r.must(r.beside.Posts.Boost(t.Context(), r.people["bob"].ID, tagged.ID))
	h := user.hears()
	if s := h.status(t); h.Event != "update" || s.ID == "" || s.Account.Acct != "bob" || s.Reblog == nil || s.Reblog.ID != strconv.FormatInt(tagged.ID, 10) {
		t.Errorf("of a boost: %+v", h)
	}

	_, err = r.Reading.SetFilter(t.Context(), eve, reading.Filter{Title: "Bruit", Contexts: []string{"home"}}, []reading.WordChange{{Word: reading.Word{Word: "scie"}}})
	r.must(err)
	r.says("bob", posts.Draft{Text: "Ma scie."})
	told := user.until("Ma scie")
	if h := told[len(told)-1]; told[0].Event != "filters_changed" || h.Event != "update" || !strings.Contains(h.Payload, `"title":"Bruit"`) {
		t.Errorf("of a filter, and of what it holds: %+v", told)
	}

	r.must(r.Reading.AddTo(t.Context(), eve, list.ID, []actors.ID{r.people["bob"].ID}))
	r.says("bob", posts.Draft{Text: "Apart."})
	all := own.until("Apart") // what was said just before it was in the list may be told of it too
	if h := all[len(all)-1]; h.Event != "update" || h.Stream[0] != "list" || h.Stream[1] != number {
		t.Errorf("of a list: %+v", h)
	}

	r.says("ana", posts.Draft{Text: "Psst, @eve", Scope: posts.Direct})
	if h := talk.hears(); h.Event != "conversation" || !strings.Contains(h.Payload, "Psst") || !strings.Contains(h.Payload, `"unread":true`) {
		t.Errorf("of an exchange: %+v", h)
	}
	if h := user.hears(); h.Event != "notification" { // what stands in a list that is read by itself was not heard
		t.Errorf("after the list: %+v", h)
	}
}
