package e2e

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// says is a condition on what readers see: some words in the content.
func says(words string) func(answer) bool {
	return func(a answer) bool { return strings.Contains(a.text("content"), words) }
}

func likes(n float64) func(answer) bool { return func(a answer) bool { return a["likes"] == n } }

// hides waits until readers of the server do not see a post, or no more.
func (s *town) hides(post string) {
	s.t.Helper()
	await(s.t, s.host+" hides "+post, func() bool {
		a, err := s.try("post", "show", post)
		return err != nil || a["deleted"] == true
	})
}

// TestDialects plays scenes with servers in the manner of others, and sees what a running
// server shows of them and what it sends them, every signature verified.
func TestDialects(t *testing.T) {
	t.Parallel()
	s := newTown(t)
	s.member("ana")
	s.community("makers", "ana")
	post := s.do("post", "new", "--as", "ana", "--community", "makers", "--title", "Glue", "--text", "Which glue?").text("id")
	meet := func(t *testing.T, software string) *peer {
		t.Helper()
		s.t = t
		p := newPeer(t, software, s)
		p.knows(s, "ana", "/@ana")
		p.knows(s, "makers", "/c/makers")
		p.words["post"] = post
		return p
	}

	t.Run("as Mastodon", func(t *testing.T) { likeMastodon(t, s, meet(t, "mastodon"), post) })
	t.Run("as Lemmy", func(t *testing.T) { likeLemmy(t, s, meet(t, "lemmy"), post) })
	t.Run("as NodeBB", func(t *testing.T) { likeNodeBB(s, meet(t, "nodebb")) })
	t.Run("as GoToSocial", func(t *testing.T) { likeGoToSocial(s, meet(t, "gotosocial")) })
	t.Run("as Mbin", func(t *testing.T) { likeMbin(t, s, meet(t, "mbin"), post) })
	t.Run("as PieFed", func(t *testing.T) { likePieFed(s, meet(t, "piefed")) })
	t.Run("as Misskey", func(t *testing.T) { likeMisskey(s, meet(t, "misskey"), post) })
	t.Run("as Mobilizon", func(t *testing.T) { likeMobilizon(s, meet(t, "mobilizon")) })
	t.Run("as Smithereen", func(t *testing.T) { likeSmithereen(s, meet(t, "smithereen"), post) })
}

func likeMastodon(t *testing.T, s *town, p *peer, post string) {
	alice := p.lives("person", "alice")
	p.lives("person", "instance")
	p.tells(s, "follow")
	p.got(`"type":"Accept"`, alice)

	p.tells(s, "create")
	note := p.origin + "/users/alice/statuses/1"
	s.sees(note, says("lathe"))
	boost := p.got(`"type":"Announce"`, `"object":"`+note+`"`)
	if strings.Contains(boost, "Create") {
		t.Errorf("a microblog was sent more than an address: %s", boost)
	}
	p.tells(s, "update")
	s.sees(note, says("big"))
	p.tells(s, "delete")
	s.hides(note)
	p.got(`"type":"Undo"`, note)

	p.tells(s, "like")
	s.sees(post, likes(1))
	p.tells(s, "unlike")
	s.sees(post, likes(0))
	p.tells(s, "flag")

	p.tells(s, "quote")
	accept := jsonOf(t, []byte(p.got(`"type":"Accept"`, "/quote_requests/1")))
	leave, err := fetched(accept.text("result"))
	if err != nil || leave.text("type") != "QuoteAuthorization" || leave.text("interactionTarget") != post ||
		leave.text("interactingObject") != alice+"/statuses/3" {
		t.Errorf("leave to quote = %v, %v", leave, err)
	}

	s.do("follow", "@alice@"+p.host, "--as", "ana")
	p.got(`"type":"Follow"`, `"object":"`+alice+`"`)
	p.tells(s, "question", "votes")
	s.sees(alice+"/statuses/2", says("Tea?"))
	await(t, "the votes are shown", func() bool {
		threads := regexp.MustCompile(`/posts/[0-9]+`).FindAllString(pageOf(t, s, "/@alice@"+p.host), -1)
		return slices.ContainsFunc(threads, func(thread string) bool { return strings.Contains(pageOf(t, s, thread), "yes</bdi> — 3 v") })
	})

	p.words["from"], p.words["to"] = "alice", "anna"
	anna := p.lives("alias", "anna")
	p.lives("moved", "alice")
	p.tells(s, "move")
	p.got(`"type":"Follow"`, `"object":"`+anna+`"`)
	p.got(`"type":"Undo"`, `"type":"Follow"`, `"object":"`+alice+`"`)
	p.tells(s, "block")
}

// pageOf reads a page as visitors see it, "" if there is none.
func pageOf(t *testing.T, s *town, path string) string {
	t.Helper()
	response, err := client().Get(s.origin + path)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	page, _ := io.ReadAll(response.Body) // cut short, it lacks what is looked for
	return string(page)
}

func likeLemmy(t *testing.T, s *town, p *peer, post string) {
	p.lives("group", "garden")
	p.lives("person", "mia")
	p.lives("person", "bob")
	p.followed(s, "ana", "@garden@"+p.host)

	p.tells(s, "create", "page")
	page := p.origin + "/post/1"
	seen := s.sees(page, says("cover them"))
	if seen.text("title") != "Roses in winter" || seen.text("community") != p.origin+"/c/garden" {
		t.Errorf("seen = %v, want its title in the garden", seen)
	}
	p.tells(s, "upvote")
	s.sees(page, likes(1))
	p.tells(s, "downvote")
	s.sees(page, likes(0))

	p.tells(s, "lock")
	await(t, "the thread is locked", func() bool {
		_, err := s.try("post", "reply", page, "--as", "ana", "--text", "Too late")
		return err != nil && strings.Contains(err.Error(), "locked")
	})
	p.tells(s, "unlock")
	await(t, "the thread is open", func() bool {
		_, err := s.try("post", "reply", page, "--as", "ana", "--text", "With straw")
		return err == nil
	})
	p.got(`"type":"Create"`, "With straw", `"inReplyTo":"`+page+`"`)

	p.tells(s, "remove")
	s.hides(page)
	p.tells(s, "restore")
	s.sees(page, says("cover them"))
	p.tells(s, "add_mod", "remove_mod", "feature", "ban")
	s.hides(page)

	p.tells(s, "follow")
	p.got(`"type":"Accept"`, `"id":"`+p.origin+`/activities/follow/1"`)
	p.tells(s, "downvote_ours")
	p.got(`"type":"Announce"`, string(p.script("downvote_ours")))
	p.tells(s, "undo_downvote_ours")
	p.got(`"type":"Announce"`, string(p.script("undo_downvote_ours")))
	s.sees(post, likes(0))
	p.tells(s, "report")
	again := s.do("post", "new", "--as", "ana", "--community", "makers", "--title", "Saws", "--text", "Which saw?").text("id")
	p.got(`"type":"Announce"`, `"type":"Create"`, `"id":"`+again+`"`)
}

func likeNodeBB(s *town, p *peer) {
	p.lives("group", "tools")
	p.lives("person", "nick")
	p.followed(s, "ana", "@tools@"+p.host)
	topic := p.origin + "/post/7"
	p.tells(s, "announce", "announce_create")
	s.sees(topic, says("sharpen"))
	p.tells(s, "announce_like")
	s.sees(topic, likes(1))
	p.tells(s, "reject", "withdraw")
	s.hides(topic)
}

func likeGoToSocial(s *town, p *peer) {
	zork := p.lives("person", "zork")
	p.tells(s, "follow")
	p.got(`"type":"Accept"`, zork)
	p.tells(s, "create")
	s.sees(zork+"/statuses/01B", says("A plane"))
	p.got(`"type":"Announce"`, `"object":"`+zork+`/statuses/01B"`)
	p.tells(s, "votes", "boost")
	s.hides(zork + "#01C/votes/yes")
	p.words["reply"] = s.do("post", "reply", zork+"/statuses/01B", "--as", "ana", "--text", "Mine is yours").text("id")
	p.got(`"type":"Create"`, "Mine is yours")
	p.tells(s, "approve")
	p.got(`"type":"Create"`, "Mine is yours", `"replyAuthorization":"`+zork+`/authorizations/01E"`)
}

func likeMbin(t *testing.T, s *town, p *peer, post string) {
	p.lives("group", "looms")
	p.lives("person", "wil")
	p.lives("person", "owner")
	p.followed(s, "ana", "@looms@"+p.host)

	p.tells(s, "announce_create", "boost", "announce_link")
	entry := p.origin + "/m/looms/t/1/weaving"
	seen := s.sees(entry, says("On what loom?"))
	if seen.text("title") != "Weaving" || seen.text("community") != p.origin+"/m/looms" {
		t.Errorf("seen = %v, want its title in the looms", seen)
	}
	await(t, "what sums it up hides nothing", func() bool {
		thread := regexp.MustCompile(`/posts/[0-9]+`).FindString(pageOf(t, s, "/@looms@"+p.host))
		return thread != "" && !strings.Contains(pageOf(t, s, thread), `class="warned"`)
	})
	s.sees(p.origin+"/m/looms/t/3/link", func(a answer) bool { return a.text("title") == "A shop" && says("yarn.example")(a) })
	p.tells(s, "announce_like")
	s.sees(entry, likes(1))
	p.tells(s, "announce_pin", "announce_mod", "announce_lock")
	await(t, "the thread is locked", func() bool {
		_, err := s.try("post", "reply", entry, "--as", "ana", "--text", "Too late")
		return err != nil && strings.Contains(err.Error(), "locked")
	})
	p.tells(s, "announce_delete") // by a moderator, whose reason is a space
	s.hides(entry)

	p.tells(s, "follow")
	p.got(`"type":"Accept"`, p.origin+"/f/object/follow-1")
	p.tells(s, "create")
	own := p.origin + "/m/makers@there/t/2/shuttles"
	s.sees(own, func(a answer) bool { return a.text("title") == "Shuttles" && a.text("community") == p.words["makers"] })
	p.got(`"type":"Announce"`, string(p.script("create")))
	p.tells(s, "like")
	s.sees(post, likes(1))
	p.got(`"type":"Announce"`, string(p.script("like")))
	p.tells(s, "unlike", "flag")
	s.sees(post, likes(0))
	p.tells(s, "delete")
	s.hides(own)
	p.got(`"type":"Announce"`, `"type":"Delete"`, own)
	p.tells(s, "unfollow")
}

func likePieFed(s *town, p *peer) {
	p.lives("group", "workshop")
	p.lives("person", "bea")
	p.lives("person", "carl")
	p.followed(s, "ana", "@workshop@"+p.host)
	p.tells(s, "batch")
	s.sees(p.origin+"/post/1", func(a answer) bool { return a.text("title") == "First bench" && a["likes"] == 1.0 })
	s.sees(p.origin+"/post/2", func(a answer) bool { return a.text("title") == "Second bench" && a["likes"] == 0.0 })
}

func likeMisskey(s *town, p *peer, post string) {
	yuki := p.lives("person", "yuki")
	p.tells(s, "react")
	s.sees(post, likes(1))
	p.tells(s, "unreact")
	s.sees(post, likes(0))
	p.tells(s, "react") // under the same id: it may
	s.sees(post, likes(1))
	p.tells(s, "unreact", "create")
	s.sees(post, likes(0))
	s.sees(p.origin+"/notes/9b", func(a answer) bool { return a.text("author") == yuki && says("A saw")(a) })
}

func likeSmithereen(s *town, p *peer, post string) {
	p.lives("person", "max")
	p.tells(s, "join")
	p.got(`"type":"Accept"`, p.origin+"/users/max#joinGroup1")
	p.tells(s, "wall", "comment")
	s.sees(p.origin+"/posts/7", func(a answer) bool { return says("A wall to write on")(a) && a.text("community") != "" })
	s.sees(p.origin+"/posts/8", func(a answer) bool { return says("Does this federate?")(a) && a.text("inReplyTo") == post })
	p.got(`"type":"Announce"`, p.origin+"/posts/7")
	p.got(`"type":"Announce"`, p.origin+"/posts/8")
	p.tells(s, "leave")
}

func likeMobilizon(s *town, p *peer) {
	p.lives("person", "zoe")
	p.tells(s, "join")
	p.got(`"type":"Reject"`, p.origin+"/join/event/1")
	p.tells(s, "join_group")
	p.got(`"type":"Accept"`, p.origin+"/join/group/1")
	news := s.do("post", "new", "--as", "ana", "--community", "makers", "--title", "For Zoe", "--text", "Hello").text("id")
	p.got(`"type":"Announce"`, news)
	p.tells(s, "leave_group")
}
