package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// bellsSpoiled flips bits of what lies in Redis while whoever would read it is frozen.
func (s *siege) bellsSpoiled() {
	s.t.Helper()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: strings.TrimPrefix(s.ground.redis.RedisURL, "redis-socket://")})
	defer client.Close()
	await(s.t, "some bells are spoiled", func() bool {
		s.crowd.release(10)
		s.freeze(s.home.served)
		defer s.thaw(s.home.served)
		s.freeze(s.worker)
		defer s.thaw(s.worker)
		return s.spoil(client) > 0
	})
	s.meanwhile("10 are answered 202 after bells were spoiled", 10)
}

func (s *siege) spoil(client *redis.Client) (spoiled int) {
	s.t.Helper()
	ctx := context.Background()
	bells := client.Scan(ctx, 0, "asynq:*:t:*", 1000).Iterator()
	for bells.Next(ctx) {
		message, err := client.HGet(ctx, bells.Val(), "msg").Bytes()
		if err != nil || len(message) == 0 {
			continue // answered meanwhile
		}
		message[s.dice.IntN(len(message))] ^= 1 << s.dice.IntN(8)
		must(s.t, client.HSet(ctx, bells.Val(), "msg", message).Err())
		spoiled++
	}
	must(s.t, bells.Err())
	return spoiled
}

// TestCorruption changes what lies on our disks. What was changed is neither shown nor
// sent nor applied, somebody is told, and all else goes on.
func TestCorruption(t *testing.T) {
	t.Parallel()
	c := newCrashes(t)
	t.Run("a copy of a picture", c.picturesSpoiled)
	t.Run("what came and is not applied yet", c.receivedSpoiled)
	t.Run("what is to be sent", c.activitySpoiled)
	t.Run("the key that signs", c.keySpoiled)
}

func (c *crashes) logged(t *testing.T, what string) {
	t.Helper()
	if log := c.home.served.log.String(); !strings.Contains(log, what) {
		t.Errorf("the log does not tell of it (%s)", what)
	}
}

func (c *crashes) picturesSpoiled(t *testing.T) {
	address := newAlbum(c.t, c.home, "makers").shows(small(t, 90)) // it stays, since it follows
	_, first := c.home.get(address)
	var file string
	for _, name := range filesIn(t, filepath.Join(c.home.dir, "media")) {
		file = name
		content, err := os.ReadFile(name)
		must(t, err)
		content[len(content)/2] ^= 1
		must(t, os.WriteFile(name, content, 0o600))
	}
	if status, again := c.home.get(address); status != http.StatusOK || !bytes.Equal(again, first) {
		t.Errorf("%d and %d bytes, want the %d of before", status, len(again), len(first))
	}
	if mended, err := os.ReadFile(file); err != nil || !bytes.Equal(mended, first) {
		t.Errorf("the file holds %d bytes, %v", len(mended), err)
	}
	c.logged(t, "a copy of a picture is damaged")
}

// receivedSpoiled: one of three changes while Redis hangs, so that it still can be read.
func (c *crashes) receivedSpoiled(t *testing.T) {
	who := c.reader.actor("cleo")
	goOn := c.wires.redis.hang()
	defer goOn()
	for n := range 3 {
		note := fmt.Sprintf("%s/notes/spoiled-%d", who, n)
		must(t, c.reader.says(c.ctx, c.home.origin+"/inbox", who, answer{
			"id": note + "/create", "type": "Create", "to": []string{public}, "cc": []string{c.group},
			"object": answer{"id": note, "type": "Note", "attributedTo": who, "to": []string{public}, "cc": []string{c.group},
				"audience": c.group, "content": "<p>Salut.</p>", "published": noon.Format(time.RFC3339)}}))
	}
	tag, err := c.db.Exec(c.ctx, `
		UPDATE received
		SET body = convert_to(replace(convert_from(body, 'UTF8'), 'Salut', 'Salit'), 'UTF8')
		WHERE iri LIKE '%/spoiled-1/create'
		  AND id IN (SELECT received FROM inbox_queue)`)
	must(t, err)
	if tag.RowsAffected() != 1 {
		t.Fatalf("%d waited", tag.RowsAffected())
	}
	goOn()
	c.workedOff(c.db)
	for n, want := range []string{"applied", "dead", "applied"} {
		got := rows[tie](t, c.db, `SELECT outcome, reason FROM received WHERE iri LIKE '%/spoiled-' || $1::text || '/create'`, fmt.Sprint(n))
		if len(got) != 1 || got[0].Who != want {
			t.Errorf("%d: %v, want it %s", n, got, want)
		}
	}
	if _, page := c.home.get("/c/makers"); bytes.Contains(page, []byte("Salit")) || !bytes.Contains(page, []byte("Salut")) {
		t.Error("the page shows what was changed, or not what was not")
	}
	c.logged(t, "inbox: given up")
}

// activitySpoiled: what is said while serve is frozen changes before it is sent.
func (c *crashes) activitySpoiled(t *testing.T) {
	c.freeze(c.home.served)
	defer c.thaw(c.home.served)
	spoiled := c.home.do("post", "new", "--as", "ana", "--community", "makers", "--text", "Dimanche.").text("id")
	whole := c.home.do("post", "new", "--as", "ana", "--community", "makers", "--text", "Lundi.").text("id")
	_, err := c.db.Exec(c.ctx, `
		UPDATE activities
		SET body = convert_to(replace(convert_from(body, 'UTF8'), 'Dimanche', 'Dimenche'), 'UTF8')
		WHERE object = $1`, spoiled)
	must(t, err)
	c.thaw(c.home.served)
	c.workedOff(c.db)
	got, sent := c.reader.got(), 0
	for _, a := range rows[tie](t, c.db, `
		SELECT iri, CASE WHEN position('Dimenche' in convert_from(body, 'UTF8')) > 0 THEN 'spoiled' ELSE 'whole' END
		FROM activities
		WHERE object = $1 OR object = $2`, spoiled, whole) {
		if a.What == "whole" {
			sent += got[a.Who]
		} else if got[a.Who] > 0 {
			t.Errorf("%s was sent with bytes that nobody wrote", a.Who)
		}
		if status := c.home.activity(t, a.Who); (status == http.StatusOK) != (a.What == "whole") {
			t.Errorf("%s, which is %s, is answered by %d", a.Who, a.What, status)
		}
	}
	if sent == 0 {
		t.Error("what was not changed was not sent")
	}
	const letters = `
		SELECT count(*)
		FROM dead_letters d
		JOIN activities a ON a.id = d.activity
		WHERE (position('Dimenche' in convert_from(a.body, 'UTF8')) > 0) = $1`
	if about, others := c.count(t, c.db, letters, true), c.count(t, c.db, letters, false); about == 0 || others > 0 {
		t.Errorf("%d dead letters tell of it, and %d of what is whole", about, others)
	}
	c.logged(t, "an activity is not sent")
}

// activity asks for one as other servers do.
func (s *town) activity(t *testing.T, iri string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, iri, nil)
	must(t, err)
	request.Header.Set("Accept", activityJSON)
	response, err := client().Do(request)
	must(t, err)
	defer response.Body.Close()
	return response.StatusCode
}

// keySpoiled: the community cannot sign any more; others can.
func (c *crashes) keySpoiled(t *testing.T) {
	c.home.community("menders", "ana")
	menders := c.home.do("community", "show", "menders").text("id")
	c.reader.knows(menders)
	who := c.reader.actor("cleo")
	must(t, c.reader.says(c.ctx, c.home.origin+"/inbox", who, answer{"id": who + "/follow-too", "type": "Follow", "object": menders}))
	await(t, "it is accepted", func() bool { return c.backlog(c.db) == backlog{} })
	_, err := c.db.Exec(c.ctx, `
		UPDATE keys
		SET private = set_byte(private, length(private) / 2, get_byte(private, length(private) / 2) # 1)
		WHERE actor = (SELECT id FROM actors WHERE iri = $1)`, c.group)
	must(t, err)
	c.home.served.stop(syscall.SIGTERM) // it has the key in mind
	c.home.start()
	for _, community := range []string{"makers", "menders"} {
		c.home.do("post", "new", "--as", "ana", "--community", community, "--text", "De "+community+".")
	}
	c.workedOff(c.db)
	if n := c.count(t, c.db, `SELECT count(*) FROM dead_letters WHERE reason LIKE 'no key to sign with%'`); n == 0 {
		t.Error("no dead letter tells that a key is damaged")
	}
	got, sent := c.reader.got(), 0
	for _, a := range rows[tie](t, c.db, `
		SELECT a.iri, g.iri
		FROM activities a
		JOIN actors g ON g.id = a.actor
		JOIN posts p ON p.iri = a.object
		WHERE p.content LIKE '%De m%'`) {
		switch {
		case a.What == c.group && got[a.Who] > 0:
			t.Errorf("%s was sent, signed by a key that is damaged", a.Who)
		case a.What == menders:
			sent += got[a.Who]
		}
	}
	if sent == 0 {
		t.Error("what another community said was not sent")
	}
	complain(t, c.reader.wrong)
}
