package security

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"passerelles/config"
)

// TestFloods sends much of what costs little to send.
func TestFloods(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	p := newPeer(t)
	t.Run("DF-01 a thousand Deletes by who was never heard of", func(t *testing.T) {
		before := s.rows()
		var wg sync.WaitGroup
		for worker := range 8 {
			wg.Go(func() {
				for i := range 125 {
					iri := p.URL + "/gone/" + strconv.Itoa(worker*1000+i)
					l := letter{who: s.eve, town: s.town, keyID: iri + "#main-key",
						body: bytesOf(object{"id": iri + "#delete", "type": "Delete", "actor": iri, "object": iri})}
					if got := s.request(l.request()); got.StatusCode != http.StatusAccepted {
						t.Errorf("%d, want 202", got.StatusCode)
						return
					}
				}
			})
		}
		if got := s.get("/about", false).StatusCode; got != http.StatusOK {
			t.Errorf("meanwhile a page: %d", got)
		}
		wg.Wait()
		if n := p.asked(""); n != 0 || s.rows() != before {
			t.Errorf("%d questions, %s became %s; want none, and nothing", n, before, s.rows())
		}
	})
	t.Run("DF-01 twin: a Delete by who is known", func(t *testing.T) {
		if got := s.nora.tells(s.town, s.nora.does("Delete", s.nora.IRI)); got != "applied" {
			t.Errorf("it is %s", got)
		}
	})
	t.Run("DF-06 two hundred likes of one post by one person", func(t *testing.T) {
		for range 200 {
			s.eve.insists(s.town, s.eve.does("Like", s.own.IRI))
		}
		last := s.eve.does("Like", s.own.IRI)
		s.eve.insists(s.town, last)
		s.outcome(idOf(last))
		if n := s.number(`SELECT count(*) FROM likes AS l JOIN actors AS a ON a.id = l.who WHERE a.iri = $1 AND l.post = $2`, s.eve.IRI, s.own.ID); n != 1 {
			t.Errorf("%d likes, want one", n)
		}
	})
	t.Run("DF-07 a hundred Updates in any order", func(t *testing.T) {
		note := s.eve.note("version 0", object{"audience": s.makersIRI()})
		s.eve.tells(s.town, s.eve.does("Create", note))
		last := ""
		for i := range 100 {
			n := (i*37)%100 + 1
			at := time.Date(2026, 4, 1, 0, n, 0, 0, time.UTC).Format(time.RFC3339)
			update := s.eve.does("Update", changed(note, object{"content": "<p>version " + strconv.Itoa(n) + ".</p>", "updated": at}))
			s.eve.insists(s.town, update)
			last = idOf(update)
		}
		s.outcome(last)
		s.tried()
		s.await("the last version shows", func() bool {
			return s.number(`SELECT count(*) FROM posts WHERE iri = $1 AND content LIKE '%version 100.%'`, idOf(note)) == 1
		})
	})
}

// TestPoisonedBells rings bells that nobody of ours hung.
func TestPoisonedBells(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	address, err := asynq.ParseRedisURI(s.Config.RedisURL)
	if err != nil {
		t.Fatal(err)
	}
	client := asynq.NewClientFromRedisClient(address.MakeRedisClient().(redis.UniversalClient))
	before := s.state()
	kinds := []string{"inbox", "lane", "host", "handle", "job", "nothing of ours", ""}
	payloads := []string{"", "\x00\xff\xfe", "inbox 9999999", "inbox -1", "inbox x", "inbox_slow 0", "evil.example 0", `{"v":99,"act":"Delete"}`, strings.Repeat("x", 1<<20)}
	for _, queue := range []string{"inbox", "inbox_slow", "deliver", "deliver_slow", "low"} {
		for _, kind := range kinds {
			for _, payload := range payloads {
				// Some kinds asynq itself does not take: then nobody can ring them.
				_, _ = client.Enqueue(asynq.NewTask(kind, []byte(payload)), asynq.Queue(queue), asynq.MaxRetry(0))
			}
		}
	}
	t.Run("QU-02 they change nothing", func(t *testing.T) {
		inspector := asynq.NewInspector(address)
		defer inspector.Close()
		s.await("all bells are answered", func() bool {
			for _, queue := range []string{"inbox", "inbox_slow", "deliver", "deliver_slow", "low"} {
				if q, err := inspector.GetQueueInfo(queue); err != nil || q.Pending+q.Active > 0 {
					return false
				}
			}
			return true
		})
		if got := changes(before, s.state()); got != "" {
			t.Errorf("they changed\n%s", got)
		}
		if strings.Contains(s.log.String(), "panic") {
			t.Errorf("they frightened the server:\n%s", s.log)
		}
	})
	t.Run("QU-02 twin: work goes on", func(t *testing.T) {
		if got := s.eve.tells(s.town, s.eve.writes(s.town, "after")); got != "applied" {
			t.Errorf("it is %s", got)
		}
	})
	t.Run("CF-35 what waits in Redis tells nothing of what was written", func(t *testing.T) {
		store := address.MakeRedisClient().(redis.UniversalClient)
		defer store.Close()
		s.eve.tells(s.town, s.eve.writes(s.town, "CNRY-redis"))
		names, err := store.Keys(t.Context(), "*").Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			dump, err := store.Dump(t.Context(), name).Result()
			if err == nil && strings.Contains(dump, "CNRY-redis") {
				t.Errorf("%s holds what was written", name)
			}
		}
	})
}

// TestManyPosts has one person write more than is passed on in an hour.
func TestManyPosts(t *testing.T) {
	t.Parallel()
	s := newScene(t, func(c *config.Config) { c.PostsAnHour = 5 })
	if got := s.vera.tells(s.town, s.vera.does("Follow", s.makersIRI())); got != "applied" {
		t.Fatalf("the Follow is %s", got)
	}
	t.Run("DF-08 what is beyond it waits", func(t *testing.T) {
		for range 10 {
			s.eve.insists(s.town, s.eve.writes(s.town, "many"))
		}
		left := func() int {
			return s.number(`SELECT count(*) FROM posts AS p JOIN actors AS a ON a.id = p.author WHERE a.iri = $1 AND p.announced`, s.eve.IRI)
		}
		s.await("what is too much was tried and put back", func() bool {
			return s.number(`SELECT count(*) FROM inbox_queue WHERE due_at > $1`, s.now().Add(time.Minute)) == 6 // one was taken before
		})
		if n := left(); n != 5 {
			t.Errorf("%d were passed on, want 5", n)
		}
	})
	t.Run("DF-08 twin: another's is passed on", func(t *testing.T) {
		if got := s.nora.tells(s.town, s.nora.writes(s.town, "one")); got != "applied" {
			t.Errorf("it is %s", got)
		}
	})
	t.Run("DF-08 a member is told when to come back", func(t *testing.T) {
		post := func() answer {
			form := url.Values{"community": {strconv.FormatInt(int64(s.makers.Actor.ID), 10)}, "title": {"Fil"}, "text": {"Encore."}}
			r, err := http.NewRequest(http.MethodPost, s.origin+"/posts", strings.NewReader(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", s.origin)
			r.Header.Set("Authorization", "Bearer "+s.token)
			return s.request(r)
		}
		if err := s.Accounts.NoteTold(t.Context(), s.ana.ID); err != nil {
			t.Fatal(err)
		}
		for range 4 { // and one before
			if got := post(); got.StatusCode != http.StatusSeeOther {
				t.Fatalf("%d %s", got.StatusCode, got.text)
			}
		}
		got := post()
		if wait, _ := strconv.Atoi(got.Header.Get("Retry-After")); got.StatusCode != http.StatusTooManyRequests || wait <= 0 || wait > 3600 {
			t.Errorf("%d, to come back after %q", got.StatusCode, got.Header.Get("Retry-After"))
		}
	})
}
