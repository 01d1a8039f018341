package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// judith is a person on a Fedify server, which we did not write.
type judith struct {
	t      *testing.T
	host   string
	handle string
}

// newJudith starts the Fedify app, its packages installed from their lock file.
func newJudith(t *testing.T) *judith {
	t.Helper()
	dir := fedify(t)
	port := freePort(t)
	certificate, key, authority := certify(t, t.TempDir())
	j := &judith{t: t, host: "localhost:" + port}
	j.handle = "@judith@" + j.host
	cmd := exec.Command(node(dir), "peer.js")
	cmd.Dir = dir
	cmd.Env = []string{"ORIGIN=https://" + j.host, "CERT=" + certificate, "KEY=" + key, "NODE_EXTRA_CA_CERTS=" + authority}
	p := &process{cmd: cmd, log: &bytes.Buffer{}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait() // ended by the signal below
		close(p.done)
	}()
	t.Cleanup(func() {
		p.stop(syscall.SIGTERM)
		if t.Failed() {
			t.Logf("log of Fedify:\n%s", p.log)
		}
	})
	await(t, "Fedify answers", func() bool {
		response, err := client().Get("https://" + j.host + "/users/judith")
		if err != nil {
			return false
		}
		return response.Body.Close() == nil
	})
	return j
}

// fedify gives a folder with the app and its packages.
func fedify(t *testing.T) string {
	t.Helper()
	return npm(t, "fedify", "fedify", "peer.js")
}

// does tells the app what to do and gives its answer.
func (j *judith) does(what string, with answer) answer {
	j.t.Helper()
	a := answer{}
	if err := json.Unmarshal(j.control(what, with), &a); err != nil {
		j.t.Fatal(err)
	}
	if a.text("error") != "" {
		j.t.Fatalf("judith %s %v: %s", what, with, a.text("error"))
	}
	return a
}

func (j *judith) control(what string, with answer) []byte {
	j.t.Helper()
	body, err := json.Marshal(with)
	if err != nil {
		j.t.Fatal(err)
	}
	caller := *client()
	caller.Timeout = patience // it asks us in its turn
	response, err := caller.Post("https://"+j.host+"/control/"+what, "application/json", bytes.NewReader(body))
	if err != nil {
		j.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		j.t.Fatal(err)
	}
	return text
}

// got waits until the app has taken in an activity whose text holds all the words.
func (j *judith) got(kind string, words ...string) {
	j.t.Helper()
	await(j.t, "Fedify has taken in "+kind+" "+strings.Join(words, " "), func() bool {
		var all []struct {
			Type string          `json:"type"`
			Raw  json.RawMessage `json:"raw"`
		}
		if err := json.Unmarshal(j.control("received", answer{}), &all); err != nil {
			j.t.Fatal(err)
		}
		for _, one := range all {
			if one.Type == kind && holdsAll(string(one.Raw), words) {
				return true
			}
		}
		return false
	})
}

// judged is what Fedify's verifiers say of a request that it got.
type judged struct {
	Type, ID, Inner, Scheme string
	Request                 string   // id of the key that verified
	Proof                   *bool    // nil: there was none
	Spoilt                  []string // parts that it believes though they were changed
	Text                    string   // of the activity
}

// judges waits for requests with these words and gives what Fedify's verifiers say of
// the first.
func (j *judith) judges(kind, about string) (first judged) {
	j.t.Helper()
	await(j.t, "Fedify has judged "+kind+" "+about, func() bool {
		var all []judged
		if err := json.Unmarshal(j.control("judged", answer{}), &all); err != nil {
			j.t.Fatal(err)
		}
		for _, one := range all {
			if one.Type == kind && strings.Contains(one.Text, about) {
				first = one
				break
			}
		}
		return first.Type != ""
	})
	return first
}

// document is what other servers read at a path.
func (s *town) document(path string) string {
	s.t.Helper()
	request, err := http.NewRequest(http.MethodGet, s.origin+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Accept", activityJSON)
	response, err := client().Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func holdsAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// TestFedify lets software that we did not write follow, post, and judge.
func TestFedify(t *testing.T) {
	t.Parallel()
	home, third := newTown(t), newTown(t)
	home.member("ana")
	third.member("cleo")
	makers := home.community("makers", "ana")
	third.follows("cleo", makers)
	j := newJudith(t)

	t.Run("reads the community as we publish it", func(t *testing.T) {
		a := j.does("lookup", answer{"target": makers})
		if a.text("type") != "Group" || a.text("preferredUsername") != "makers" {
			t.Errorf("Fedify reads %v", a)
		}
	})

	t.Run("follows, and takes our Accept for genuine", func(t *testing.T) {
		follow := j.does("follow", answer{"target": makers})
		j.got("Accept", follow.text("id"))
	})

	t.Run("takes what the community announces for genuine", func(t *testing.T) {
		news := home.do("post", "new", "--as", "ana", "--community", "makers", "--title", "Atelier", "--text", "Samedi.").text("id")
		j.got("Announce", news)
	})

	t.Run("verifies each way in which we sign, by its own verifiers", func(t *testing.T) {
		tell := func(title string) judged {
			home.do("post", "new", "--as", "ana", "--community", "makers", "--title", title, "--text", title)
			j.got("Announce", title)
			return j.judges("Announce", title)
		}
		check := func(got judged, scheme, key string) {
			t.Helper()
			if got.Scheme != scheme || !strings.Contains(got.Request, key) {
				t.Errorf("%s is signed with %s, verified by %q: want %s by a key %s", got.Type, got.Scheme, got.Request, scheme, key)
			}
			if len(got.Spoilt) > 0 {
				t.Errorf("%s signed with %s is believed though its %s was changed", got.Type, got.Scheme, got.Spoilt)
			}
		}
		proved := func(got judged) {
			t.Helper()
			if got.Proof == nil || !*got.Proof {
				t.Errorf("the proof in %s %s is not verified: %v", got.Type, got.Inner, got.Proof)
			}
		}
		check(j.judges("Accept", ""), "cavage", "#main-key")
		// Fedify looks for the keys of requests in publicKey only, and so answers 401 to what
		// its verifier finds good once it has the key: then it gets what it takes.
		got := j.judges("Announce", "Atelier")
		check(got, "ed25519", "#ed25519-key")
		proved(got)
		j.does("refuse", answer{"schemes": []string{"cavage"}})
		got = tell("Greffe")
		check(got, "rsa-v1_5-sha256", "#main-key")
		proved(got)
		j.does("refuse", answer{"schemes": []string{}})
		home.do("keys", "rotate", "--all")
		await(t, "the new keys are shown", func() bool {
			return strings.Contains(home.document("/@ana"), "additionalPublicKeys")
		})
		got = tell("Marcotte")
		check(got, "rsa-v1_5-sha256", "#main-key")
		proved(got)
	})

	t.Run("is believed in each way in which it signs, and not when that is spoilt", func(t *testing.T) {
		shows := func(note, words string) {
			t.Helper()
			home.sees(note, func(a answer) bool { return strings.Contains(a.text("content"), words) })
		}
		refuses := func(what string, said answer, status float64, note string) {
			t.Helper()
			if said["status"] != status {
				t.Errorf("%s spoilt: %v %s, want %v", what, said["status"], said.text("text"), status)
			}
			if a, err := home.try("post", "show", note); err == nil {
				t.Errorf("%s spoilt, it is shown: %v", what, a)
			}
		}
		for _, scheme := range []string{"cavage", "rsa-v1_5-sha256", "ed25519"} {
			for _, part := range []string{"body", "digest", "key"} {
				said := j.does("knock", answer{"target": makers, "scheme": scheme, "spoil": part})
				refuses(scheme+", its "+part, said, 401, said.text("object"))
			}
			said := j.does("knock", answer{"target": makers, "scheme": scheme})
			if said["status"] != 202.0 {
				t.Fatalf("%s: %v %s, want 202", scheme, said["status"], said.text("text"))
			}
			shows(said.text("object"), "True words by "+scheme)
		}
		carrier := newJudith(t)
		for part, status := range map[string]float64{"body": 202, "proof": 403} { // what has a proof is taken, and left if it is none
			letter := j.does("prove", answer{"target": makers})
			letter["spoil"] = part
			refuses("a proof, its "+part, carrier.does("forward", letter), status, letter.text("object"))
		}
		letter := j.does("prove", answer{"target": makers})
		if said := carrier.does("forward", letter); said["status"] != 202.0 {
			t.Fatalf("a proof: %v %s, want 202", said["status"], said.text("text"))
		}
		shows(letter.text("object"), "True words by proof")
	})

	post := j.does("post", answer{"target": makers, "content": "<p>@makers Une question de loin</p>"})
	note := post.text("object")
	with := func(text string) func(answer) bool {
		return func(a answer) bool { return strings.Contains(a.text("content"), text) }
	}
	t.Run("its mention of the community becomes a post in it, announced to who follows", func(t *testing.T) {
		if a := home.sees(note, with("Une question de loin")); a.text("community") == "" {
			t.Errorf("it is in no community: %v", a)
		}
		third.sees(note, with("Une question de loin"))
		if paths := string(j.control("asked", answer{})); strings.Contains(paths, strings.TrimPrefix(note, "https://"+j.host)) {
			t.Errorf("its server was asked for what its proof says: %s", paths)
		}
	})

	t.Run("is answered", func(t *testing.T) {
		reply := home.do("post", "reply", note, "--as", "ana", "--text", "Une réponse de près").text("id")
		j.got("Create", reply, "Une réponse de près")
		back := j.does("post", answer{"target": makers, "content": "<p>Merci</p>", "inReplyTo": reply}).text("object")
		if a := third.sees(back, with("Merci")); a.text("inReplyTo") != reply {
			t.Errorf("inReplyTo = %q, want %q", a.text("inReplyTo"), reply)
		}
	})

	t.Run("likes, and takes it back", func(t *testing.T) {
		likes := func(n float64) func(answer) bool { return func(a answer) bool { return a["likes"] == n } }
		like := j.does("like", answer{"target": makers, "object": note}).text("id")
		home.sees(note, likes(1))
		j.does("undo", answer{"target": makers, "id": like})
		home.sees(note, likes(0))
	})

	t.Run("edits and deletes", func(t *testing.T) {
		j.does("edit", answer{"target": makers, "object": note, "content": "<p>Une question mieux dite</p>"})
		home.sees(note, with("mieux dite"))
		third.sees(note, with("mieux dite"))
		j.does("delete", answer{"target": makers, "object": note})
		gone := func(a answer) bool { return a["deleted"] == true }
		home.sees(note, gone)
		third.sees(note, gone)
	})
}
