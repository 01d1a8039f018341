package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-mastodon"
)

// gopher is a member who acts by go-mastodon, which reads each field into a type.
type gopher struct {
	*mastodon.Client
	t  *testing.T
	me *mastodon.Account
}

const outOfBand = "urn:ietf:wg:oauth:2.0:oob"

func (s *stage) gopher(t *testing.T, name string) *gopher {
	t.Helper()
	app, err := mastodon.RegisterApp(t.Context(), &mastodon.AppConfig{Client: *client(), Server: s.home.origin, ClientName: "Gopher", Scopes: "read write follow push"})
	must(t, err)
	c := mastodon.NewClient(&mastodon.Config{Server: s.home.origin, ClientID: app.ClientID, ClientSecret: app.ClientSecret})
	c.Transport = client().Transport
	must(t, c.GetUserAccessToken(t.Context(), s.home.consents(name, app.AuthURI), outOfBand))
	me, err := c.GetAccountCurrentUser(t.Context())
	must(t, err)
	is(t, "acct", me.Acct, name)
	_, err = c.VerifyAppCredentials(t.Context())
	must(t, err)
	return &gopher{c, t, me}
}

// is compares what was got with what is wanted.
func is(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// sure takes a value that must come without an error.
func sure[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return value
	}
}

func (s *stage) goMastodon(t *testing.T) {
	gala, gus := s.gopher(t, "gala"), s.gopher(t, "gus")
	t.Run("posts", gala.posts)
	t.Run("polls and posts for later", func(t *testing.T) { gala.later(t, gus) })
	t.Run("reactions", func(t *testing.T) { gala.reacts(t, gus) })
	t.Run("people", func(t *testing.T) { gala.people(t, gus, s) })
	t.Run("lists, filters, tags", func(t *testing.T) { gala.sorts(t, gus) })
	t.Run("is told", func(t *testing.T) { gala.told(t, gus) })
	t.Run("streams", func(t *testing.T) { gala.streams(t, gus) })
	t.Run("push", func(t *testing.T) { gala.pushed(t, gus, s.courier+"gala") })
	t.Run("leaves", func(t *testing.T) {
		must(t, gala.RevokeToken(t.Context()))
		_, err := gala.GetAccountCurrentUser(t.Context())
		if err == nil || !strings.Contains(err.Error(), "401") {
			t.Errorf("without its token it is answered %v", err)
		}
	})
}

func (g *gopher) posts(t *testing.T) {
	ctx := t.Context()
	for visibility, text := range map[string]string{"public": "Bonjour", "unlisted": "Bonjour, tout bas", "private": "@makers Entre nous", "direct": "@gus psst"} {
		p := sure(g.PostStatus(ctx, &mastodon.Toot{Status: text, Visibility: visibility, SpoilerText: "Attention", Sensitive: true, Language: "fr"}))(t)
		is(t, "visibility", p.Visibility, visibility)
		is(t, "warning", []any{p.SpoilerText, p.Sensitive, p.Language}, []any{"Attention", true, "fr"})
		is(t, "again", sure(g.GetStatus(ctx, p.ID))(t).Content, p.Content)
	}
	scie := filepath.Join(t.TempDir(), "scie.png")
	must(t, os.WriteFile(scie, small(t, 11), 0o600))
	file, err := os.Open(scie)
	must(t, err)
	defer file.Close()
	picture := sure(g.UploadMediaFromMedia(ctx, &mastodon.Media{File: file, Description: "Une scie", Focus: "0.5,-0.5"}))(t)
	is(t, "picture", []any{picture.Type, picture.Description, picture.Meta.Focus}, []any{"image", "Une scie", mastodon.AttachmentFocus{X: 0.5, Y: -0.5}})
	must(t, g.GetMediaStatus(ctx, picture))
	shown := sure(g.PostStatus(ctx, &mastodon.Toot{Status: "La voici", MediaIDs: []mastodon.ID{picture.ID}}))(t)
	is(t, "media", len(shown.MediaAttachments), 1)

	edited := sure(g.UpdateStatus(ctx, &mastodon.Toot{Status: "La revoici", MediaIDs: []mastodon.ID{picture.ID}}, shown.ID))(t)
	is(t, "edited", []any{edited.EditedAt.IsZero(), strings.Contains(edited.Content, "revoici"), len(edited.MediaAttachments)}, []any{false, true, 1})
	is(t, "source", sure(g.GetStatusSource(ctx, shown.ID))(t).Text, "La revoici")
	is(t, "versions", len(sure(g.GetStatusHistory(ctx, shown.ID))(t)), 2)
	reply := sure(g.PostStatus(ctx, &mastodon.Toot{Status: "Et son fil", InReplyToID: shown.ID}))(t)
	is(t, "parent", reply.InReplyToID, any(string(shown.ID)))
	around := sure(g.GetStatusContext(ctx, reply.ID))(t)
	is(t, "above", []any{len(around.Ancestors), around.Ancestors[0].ID}, []any{1, shown.ID})
	must(t, g.DeleteStatus(ctx, reply.ID))
	_, err = g.GetStatus(ctx, reply.ID)
	if err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("what is deleted is answered %v", err)
	}
	for p, err := range g.AccountStatuses(ctx, g.me.ID, &mastodon.Pagination{Limit: 2}) {
		must(t, err)
		is(t, "author", p.Account.ID, g.me.ID)
	}
}

func (g *gopher) later(t *testing.T, other *gopher) {
	ctx := t.Context()
	p := sure(g.PostStatus(ctx, &mastodon.Toot{Status: "Laquelle?", Poll: &mastodon.TootPoll{Options: []string{"Rouge", "Bleue"}, ExpiresInSeconds: 3600, Multiple: true}}))(t)
	is(t, "poll", []any{p.Poll.Multiple, p.Poll.Expired, len(p.Poll.Options), p.Poll.ExpiresAt.After(time.Now())}, []any{true, false, 2, true})
	voted := sure(other.PollVote(ctx, p.Poll.ID, 0, 1))(t)
	is(t, "vote", []any{voted.Voted, voted.OwnVotes, voted.VotesCount, voted.VotersCount}, []any{true, []int{0, 1}, int64(2), int64(1)})
	is(t, "votes", sure(g.GetPoll(ctx, p.Poll.ID))(t).Options[1].VotesCount, int64(1))
	at := time.Now().Add(time.Hour)
	later := sure(g.PostStatus(ctx, &mastodon.Toot{Status: "Plus tard", Visibility: "unlisted", ScheduledAt: &at}))(t) // with a poll it does not read what Mastodon answers
	is(t, "later", []any{later.ScheduledParams.Text, later.ScheduledParams.Visibility}, []any{"Plus tard", "unlisted"})
}

func (g *gopher) reacts(t *testing.T, other *gopher) {
	ctx := t.Context()
	p := sure(other.PostStatus(ctx, &mastodon.Toot{Status: "Une #varlope"}))(t)
	boost := sure(g.Reblog(ctx, p.ID))(t)
	is(t, "boost", []any{boost.ID != p.ID, boost.Reblog.ID, boost.Reblog.Reblogged}, []any{true, p.ID, any(true)})
	is(t, "boosters", sure(g.GetRebloggedBy(ctx, p.ID, nil))(t)[0].Acct, "gala")
	is(t, "unboosted", sure(g.Unreblog(ctx, p.ID))(t).Reblogged, any(false))
	is(t, "liked", sure(g.Favourite(ctx, p.ID))(t).FavouritesCount, int64(1))
	is(t, "likers", sure(g.GetFavouritedBy(ctx, p.ID, nil))(t)[0].Acct, "gala")
	page := &mastodon.Pagination{Limit: 1}
	is(t, "favourites", sure(g.GetFavourites(ctx, page))(t)[0].ID, p.ID)
	is(t, "unliked", sure(g.Unfavourite(ctx, p.ID))(t).Favourited, any(false))
	is(t, "kept", sure(g.Bookmark(ctx, p.ID))(t).Bookmarked, any(true))
	is(t, "bookmarks", sure(g.GetBookmarks(ctx, nil))(t)[0].ID, p.ID)
	is(t, "unkept", sure(g.Unbookmark(ctx, p.ID))(t).Bookmarked, any(false))
}

func (g *gopher) people(t *testing.T, other *gopher, s *stage) {
	ctx := t.Context()
	found := sure(g.Search(ctx, s.remote, true))(t)
	is(t, "far", found.Accounts[0].Acct, s.remote[1:])
	is(t, "far post", sure(g.Search(ctx, s.post, true))(t).Statuses[0].Account.Acct, s.remote[1:])
	is(t, "far community", sure(g.AccountsSearchResolve(ctx, s.far, 5, true))(t)[0].Acct, s.far[1:])
	group := sure(g.AccountLookup(ctx, "makers"))(t)
	is(t, "community", sure(g.GetAccount(ctx, group.ID))(t).Username, "makers")
	must(t, waitsUntil(ctx, func() (bool, error) { // whoever is elsewhere has to accept
		r, err := g.AccountFollow(ctx, found.Accounts[0].ID)
		return err == nil && r.Following, err
	}))

	locked := true
	is(t, "locked", sure(other.AccountUpdate(ctx, &mastodon.Profile{Locked: &locked, DisplayName: mastodon.String("Gus G.")}))(t).Locked, true)
	is(t, "asked", sure(g.AccountFollow(ctx, other.me.ID))(t).Requested, true)
	is(t, "asking", sure(other.GetFollowRequests(ctx, nil))(t)[0].Acct, "gala")
	must(t, other.FollowRequestAuthorize(ctx, g.me.ID))
	is(t, "follows", sure(g.GetAccountRelationships(ctx, []string{string(other.me.ID)}))(t)[0].Following, true)
	is(t, "followers", sure(other.GetAccountFollowers(ctx, other.me.ID, nil))(t)[0].Acct, "gala")
	is(t, "following", len(sure(g.GetAccountFollowing(ctx, g.me.ID, nil))(t)) >= 2, true)
	is(t, "unfollows", sure(g.AccountUnfollow(ctx, other.me.ID))(t).Following, false)
	is(t, "asked again", sure(g.AccountFollow(ctx, other.me.ID))(t).Requested, true)
	must(t, other.FollowRequestReject(ctx, g.me.ID))
	is(t, "rejected", sure(g.GetAccountRelationships(ctx, []string{string(other.me.ID)}))(t)[0].Requested, false)
	locked = false
	is(t, "open", sure(other.AccountUpdate(ctx, &mastodon.Profile{Locked: &locked}))(t).Locked, false)

	is(t, "blocks", sure(g.AccountBlock(ctx, other.me.ID))(t).Blocking, true)
	is(t, "blocked", sure(g.GetBlocks(ctx, nil))(t)[0].Acct, "gus")
	is(t, "unblocks", sure(g.AccountUnblock(ctx, other.me.ID))(t).Blocking, false)
	is(t, "mutes", sure(g.AccountMute(ctx, other.me.ID))(t).Muting, true)
	is(t, "muted", sure(g.GetMutes(ctx, nil))(t)[0].Acct, "gus")
	is(t, "unmutes", sure(g.AccountUnmute(ctx, other.me.ID))(t).Muting, false)
	p := sure(other.PostStatus(ctx, &mastodon.Toot{Status: "@makers Achetez!"}))(t)
	is(t, "report", sure(g.Report(ctx, other.me.ID, []mastodon.ID{p.ID}, "Une réclame"))(t).ActionTaken, false)
	sure(g.GetInstance(ctx))(t)
	is(t, "weeks", len(sure(g.GetInstanceActivity(ctx))(t)), 12)
	is(t, "peers", len(sure(g.GetInstancePeers(ctx))(t)), 1)
	is(t, "endorsed", len(sure(g.GetEndorsements(ctx, nil))(t)), 0)
}

func (g *gopher) sorts(t *testing.T, other *gopher) {
	ctx := t.Context()
	is(t, "follows", sure(g.AccountFollow(ctx, other.me.ID))(t).Following, true)
	list := sure(g.CreateList(ctx, "Proches"))(t)
	must(t, g.AddToList(ctx, list.ID, other.me.ID))
	is(t, "in it", sure(g.GetListAccounts(ctx, list.ID))(t)[0].Acct, "gus")
	is(t, "his lists", sure(g.GetAccountLists(ctx, other.me.ID))(t)[0].ID, list.ID)
	p := sure(other.PostStatus(ctx, &mastodon.Toot{Status: "Un #rabot de bois"}))(t)
	is(t, "list", sure(g.GetTimelineList(ctx, list.ID, nil))(t)[0].ID, p.ID)
	is(t, "renamed", sure(g.RenameList(ctx, list.ID, "Loin"))(t).Title, "Loin")
	is(t, "named", sure(g.GetList(ctx, list.ID))(t).Title, "Loin")
	must(t, g.RemoveFromList(ctx, list.ID, other.me.ID))
	is(t, "left", len(sure(g.GetListAccounts(ctx, list.ID))(t)), 0)
	must(t, g.DeleteList(ctx, list.ID))
	is(t, "lists", len(sure(g.GetLists(ctx))(t)), 0)

	sieve := sure(g.CreateFilter(ctx, &mastodon.Filter{Phrase: "bois", Context: []string{"home"}, WholeWord: true, ExpiresAt: time.Now().Add(time.Hour)}))(t)
	is(t, "filter", []any{sieve.Phrase, sieve.WholeWord, sieve.ExpiresAt.IsZero()}, []any{"bois", true, false})
	held := sure(g.GetStatus(ctx, p.ID))(t).Filtered
	is(t, "held", []any{len(held), held[0].KeywordMatches}, []any{1, []string{"bois"}})
	sieve = sure(g.UpdateFilter(ctx, sieve.ID, &mastodon.Filter{Phrase: "chêne", Context: []string{"home"}}))(t)
	is(t, "changed", sure(g.GetFilter(ctx, sieve.ID))(t).Phrase, "chêne")
	is(t, "not held", len(sure(g.GetStatus(ctx, p.ID))(t).Filtered), 0)
	must(t, g.DeleteFilter(ctx, sieve.ID))
	is(t, "filters", len(sure(g.GetFilters(ctx))(t)), 0)

	is(t, "tag", sure(g.TagFollow(ctx, "rabot"))(t).Following, true)
	is(t, "its use", sure(g.TagInfo(ctx, "rabot"))(t).History[0].Uses, 1)
	is(t, "tags", sure(g.GetFollowedTags(ctx, nil))(t)[0].Name, "rabot")
	is(t, "under it", sure(g.GetTimelineHashtag(ctx, "rabot", false, nil))(t)[0].ID, p.ID)
	is(t, "under both", len(sure(g.GetTimelineHashtagMultiple(ctx, "rabot", true, &mastodon.TagData{All: []string{"varlope"}}, nil))(t)), 0)
	is(t, "no tag", sure(g.TagUnfollow(ctx, "rabot"))(t).Following, false)
	if len(sure(g.GetTimelinePublic(ctx, true, nil))(t)) == 0 || len(sure(g.GetTimelineHome(ctx, nil))(t)) == 0 {
		t.Error("a timeline is empty")
	}
	sure(g.GetTrendingStatuses(ctx, nil))(t)
}

// waitsUntil asks until something holds.
func waitsUntil(ctx context.Context, holds func() (bool, error)) error {
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		if yes, err := holds(); yes || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}

func (g *gopher) told(t *testing.T, other *gopher) {
	ctx := t.Context()
	must(t, g.ClearNotifications(ctx))
	sure(other.PostStatus(ctx, &mastodon.Toot{Status: "@gala Tu viens?", Visibility: "direct"}))(t)
	sure(other.AccountFollow(ctx, g.me.ID))(t)
	var all []*mastodon.Notification
	must(t, waitsUntil(ctx, func() (bool, error) {
		var err error
		all, err = g.GetNotifications(ctx, nil)
		return len(all) == 2, err
	}))
	if all[0].Type != "follow" { // either may come first
		all[0], all[1] = all[1], all[0]
	}
	is(t, "told", []any{len(all), all[0].Type, all[1].Type, all[1].Account.Acct}, []any{2, "follow", "mention", "gus"})
	is(t, "one", sure(g.GetNotification(ctx, all[1].ID))(t).Status.Visibility, "direct")
	is(t, "without", len(sure(g.GetNotificationsExclude(ctx, &[]string{"follow"}, nil))(t)), 1)
	must(t, g.DismissNotification(ctx, all[0].ID))
	is(t, "left", len(sure(g.GetNotifications(ctx, nil))(t)), 1)
	talks := sure(g.GetConversations(ctx, nil))(t)
	is(t, "talk", []any{talks[0].Unread, talks[0].Accounts[0].Acct, talks[0].LastStatus.ID}, []any{true, "gus", all[1].Status.ID})
	must(t, g.MarkConversationAsRead(ctx, talks[0].ID))
	is(t, "read", sure(g.GetConversations(ctx, nil))(t)[0].Unread, false)
	must(t, g.DeleteConversation(ctx, talks[0].ID))
}

// hears waits for what satisfies it.
func hears(t *testing.T, events chan mastodon.Event, what string, so func(mastodon.Event) bool) {
	t.Helper()
	for {
		select {
		case e := <-events:
			if failed, ok := e.(*mastodon.ErrorEvent); ok {
				t.Fatalf("until %s: %v", what, failed)
			}
			if e != nil && so(e) {
				return
			}
		case <-time.After(patience):
			t.Fatalf("not heard: %s", what)
		}
	}
}

func (g *gopher) streams(t *testing.T, other *gopher) {
	ctx, end := context.WithCancel(t.Context())
	defer end()
	web := g.NewWSClient()
	web.TLSClientConfig = client().Transport.(*http.Transport).TLSClientConfig
	for name, open := range map[string]func(context.Context) (chan mastodon.Event, error){"SSE": g.StreamingUser, "WebSocket": web.StreamingWSUser} {
		events := sure(open(ctx))(t)
		heard := make(chan struct{})
		go func() { // until the stream is open
			for {
				select {
				case <-heard:
					return
				case <-time.After(100 * time.Millisecond):
					_, _ = g.PostStatus(ctx, &mastodon.Toot{Status: "J’écoute"}) // else nothing is heard
				}
			}
		}()
		hears(t, events, name+" opens", func(e mastodon.Event) bool { _, ok := e.(*mastodon.UpdateEvent); return ok })
		close(heard)
		p := sure(other.PostStatus(ctx, &mastodon.Toot{Status: "@gala Entends-tu?"}))(t)
		hears(t, events, name+" tells", func(e mastodon.Event) bool {
			n, ok := e.(*mastodon.NotificationEvent)
			return ok && n.Notification.Type == "mention" && n.Notification.Status.ID == p.ID
		})
		sure(other.UpdateStatus(ctx, &mastodon.Toot{Status: "@gala Et maintenant?"}, p.ID))(t)
		hears(t, events, name+" tells of the change", func(e mastodon.Event) bool {
			n, ok := e.(*mastodon.UpdateEditEvent)
			return ok && n.Status.ID == p.ID
		})
		must(t, other.DeleteStatus(ctx, p.ID))
		hears(t, events, name+" tells of the end", func(e mastodon.Event) bool {
			gone, ok := e.(*mastodon.DeleteEvent)
			return ok && gone.ID == p.ID
		})
	}
}

func (g *gopher) pushed(t *testing.T, other *gopher, at string) {
	ctx := t.Context()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	yes, no := mastodon.Sbool(true), mastodon.Sbool(false)
	_, err = g.GetPushSubscription(ctx)
	if err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("before, it is %v", err)
	}
	s := sure(g.AddPushSubscription(ctx, at, key.PublicKey, []byte("0123456789abcdef"), mastodon.PushAlerts{Mention: &yes}))(t)
	is(t, "subscription", []any{s.Endpoint, bool(*s.Alerts.Mention), bool(*s.Alerts.Follow)}, []any{at, true, false})
	sure(other.PostStatus(ctx, &mastodon.Toot{Status: "@gala Coucou"}))(t)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	must(t, err)
	parcel, err := (&http.Client{Transport: client().Transport, Timeout: patience}).Do(r)
	must(t, err)
	must(t, parcel.Body.Close())
	is(t, "parcel", parcel.StatusCode, http.StatusOK)
	is(t, "alerts", bool(*sure(g.UpdatePushSubscription(ctx, &mastodon.PushAlerts{Mention: &no, Follow: &yes}))(t).Alerts.Follow), true)
	must(t, g.RemovePushSubscription(ctx))
}
