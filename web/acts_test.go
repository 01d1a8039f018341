package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/acts"
	"passerelles/posts"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newTown(t)

	t.Run("leads back to where one came from", func(t *testing.T) {
		v := w.visitor()
		v.get("/follow").leads(t, "/sign-in?next=%2Ffollow")
		v.get("/sign-in?next=%2Ffollow").shows(t, 200, `name="next" value="/follow"`)
		v.post("/sign-in", url.Values{"login": {"ana@example.org"}, "password": {password}, "next": {"/follow"}}).leads(t, "/follow")
		v.get("/follow").shows(t, 200, "Vous êtes connecté·e", "Ana Tremblay")
		v.get("/follow").lacks(t, "Vous êtes connecté·e")
	})
	t.Run("never leads elsewhere", func(t *testing.T) {
		for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", ""} {
			w.visitor().post("/sign-in", url.Values{"login": {"ana"}, "password": {password}, "next": {next}}).leads(t, "/")
		}
	})
	t.Run("takes no harm from what is not text", func(t *testing.T) {
		for _, login := range []string{"ana\x00", "a\xff\x00na"} {
			w.visitor().post("/sign-in", url.Values{"login": {login}, "password": {password}}).leads(t, "/")
		}
	})
	t.Run("does not tell what was wrong", func(t *testing.T) {
		for _, login := range []string{"ana", "nobody"} {
			a := w.visitor().post("/sign-in", url.Values{"login": {login}, "password": {"wrong"}, "next": {"/about"}})
			a.shows(t, 401, "ne vont pas ensemble", `value="`+login+`"`, `value="/about"`, `role="alert"`).lacks(t, "wrong")
		}
	})
	t.Run("gives the session a new name", func(t *testing.T) {
		v := w.visitor()
		v.post("/sign-in", url.Values{"login": {"bob"}, "password": {password}})
		home, _ := url.Parse(w.server.URL)
		planted := v.client.Jar.Cookies(home)[0].Value
		v.post("/sign-in", url.Values{"login": {"ana"}, "password": {password}})
		if again := v.client.Jar.Cookies(home)[0].Value; again == planted {
			t.Error("the session kept its token")
		}
	})
	t.Run("sets a cookie that scripts and other sites do not get", func(t *testing.T) {
		a := w.visitor().post("/sign-in", url.Values{"login": {"ana"}, "password": {password}})
		for _, want := range []string{"session=", "HttpOnly", "SameSite=Lax", "Path=/"} {
			if got := a.header.Get("Set-Cookie"); !strings.Contains(got, want) {
				t.Errorf("cookie %q lacks %s", got, want)
			}
		}
		if strings.Contains(a.header.Get("Set-Cookie"), "Domain=") {
			t.Error("other names under the same domain get the cookie")
		}
		if !newSessions(Options{Secure: true}).Cookie.Secure {
			t.Error("where there is TLS, the cookie goes without it too")
		}
	})
	t.Run("keeps nothing with which to take a session over", func(t *testing.T) {
		v := w.as(w.ana)
		home, _ := url.Parse(w.server.URL)
		secret := v.client.Jar.Cookies(home)[0].Value
		var kept int
		if err := w.DB.QueryRow(t.Context(), `SELECT count(*) FROM sessions AS s WHERE position($1 IN s::text) > 0`, secret).Scan(&kept); err != nil || kept != 0 {
			t.Errorf("%d rows hold the cookie, %v", kept, err)
		}
	})
	t.Run("out ends it", func(t *testing.T) {
		v := w.as(w.ana)
		home, _ := url.Parse(w.server.URL)
		kept := v.client.Jar.Cookies(home)
		v.post("/sign-out", url.Values{}).leads(t, "/")
		v.get("/").shows(t, 200, "À bientôt", "Se connecter").lacks(t, "Ana Tremblay")
		v.client.Jar.SetCookies(home, kept)
		v.get("/").lacks(t, "Ana Tremblay")
	})
}

func TestSignInIsLimited(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.visitor()
	for range 10 {
		v.post("/sign-in", url.Values{"login": {"ana"}, "password": {"wrong"}}).shows(t, 401)
	}
	a := v.post("/sign-in", url.Values{"login": {"ana"}, "password": {password}}).shows(t, 429, "trop d’essais")
	if a.header.Get("Retry-After") == "" {
		t.Error("nothing says when to come back")
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := w.as(w.bob)
	form := func(pairs ...string) url.Values {
		f := url.Values{"community": {fmt.Sprint(w.makers.Actor.ID)}}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}

	t.Run("says before who will see it", func(t *testing.T) {
		bob.get("/c/makers").shows(t, 200, "Visible par tout le monde, ici et sur les serveurs partenaires.", `action="/posts"`)
		w.visitor().get("/c/makers").shows(t, 200, "Ouverte", "Ana Tremblay").lacks(t, `action="/posts"`)
	})
	t.Run("leads to the post and says what happens now", func(t *testing.T) {
		a := bob.post("/posts", form("title", "Un tour à bois", "text", "À **prêter**.", "kind", posts.Call))
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, "/posts/") {
			t.Fatalf("answer = %d %q\n%s", a.status, a.location, middle(a.body))
		}
		bob.get(a.location).shows(t, 200, "C’est publié.", "<strong>prêter</strong>", "Un tour à bois", "Appel à tous", "/c/makers")
		w.visitor().get("/c/makers").shows(t, 200, "Un tour à bois", "Bob Roy")
		w.visitor().get("/").shows(t, 200, "Un tour à bois", "Ateliers partagés")
	})
	t.Run("keeps what was written when it is not taken", func(t *testing.T) {
		long := strings.Repeat("x", 201)
		bob.post("/posts", form("title", long, "text", "Mon texte")).
			shows(t, 400, "Un titre peut compter 200 caractères.", long, "Mon texte", "pas encore publié")
		bob.post("/posts", form("text", " ")).shows(t, 400, "Il n’y a rien à publier")
		bob.post("/posts", url.Values{"text": {"Où?"}}).shows(t, 400, "Choisissez la communauté", "Où?")
	})
	t.Run("asks others to sign in first, then leads back", func(t *testing.T) {
		v := w.visitor()
		v.headers.Set("Referer", w.server.URL+"/c/makers")
		v.post("/posts", form("text", "Bonjour")).leads(t, "/sign-in?next=%2Fc%2Fmakers")
	})
	t.Run("refuses what is longer than a form", func(t *testing.T) {
		bob.post("/posts", form("text", strings.Repeat("x", largestForm+1))).shows(t, 413, "trop long")
	})
	t.Run("from home goes to one of the communities that one follows", func(t *testing.T) {
		w.as(w.ana).get("/").shows(t, 200, `<option value="`+fmt.Sprint(w.makers.Actor.ID)+`">Ateliers partagés`)
		w.as(w.member("cleo", "Cléo")).get("/").shows(t, 200, "Vous ne suivez encore aucune communauté").lacks(t, "<textarea")
	})
}

func TestReply(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := w.as(w.bob)
	starter := w.says(w.ana, posts.Draft{Title: "Question", Text: "Qui vient?"})
	path := postPath(starter.ID)

	w.visitor().get(path).shows(t, 200, "Personne n’a encore répondu.", "/sign-in?next=/posts/").lacks(t, "<textarea")
	bob.get(path).shows(t, 200, `action="`+path+`/replies"`, "Visible par tout le monde")
	w.pass(time.Millisecond)
	a := bob.post(path+"/replies", url.Values{"text": {"Moi!"}})
	if !strings.HasPrefix(a.location, path+"#post-") {
		t.Fatalf("a reply leads to %q", a.location)
	}
	first := strings.TrimPrefix(a.location, path+"#post-")
	bob.get(path).shows(t, 200, "Moi!", "1 réponse", `id="post-`+first+`"`, "Votre réponse est publiée")

	w.pass(time.Millisecond)
	bob.post("/posts/"+first+"/replies", url.Values{"text": {"Et moi."}})
	deeper := w.says(w.ana, posts.Draft{InReplyTo: w.last(t, starter.ID), Text: "Bien."})
	bob.get(path).shows(t, 200, "depth-1", "depth-2", "à Bob Roy").lacks(t, "depth-3")
	bob.get(postPath(deeper.ID)).leads(t, fmt.Sprintf("%s#post-%d", path, deeper.ID))

	bob.post(path+"/replies", url.Values{"text": {" "}}).shows(t, 400, "Il n’y a rien à publier", "Ana Tremblay")
	bob.post("/posts/1/replies", url.Values{"text": {"?"}}).shows(t, 404, "n’existe pas")
	w.visitor().post(path+"/replies", url.Values{"text": {"?"}}).leads(t, "/sign-in?next=%2F")
}

// last is the newest post of a thread.
func (w *town) last(t *testing.T, root int64) int64 {
	t.Helper()
	all, err := w.Posts.Thread(t.Context(), (&visit{member: &w.ana}).reader(), root)
	if err != nil || len(all) == 0 {
		t.Fatal(err)
	}
	return all[len(all)-1].ID
}

func TestThreadWithoutItsBeginning(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	starter := w.says(w.ana, posts.Draft{Title: "Question", Text: "Qui vient?"})
	reply := w.says(w.bob, posts.Draft{InReplyTo: starter.ID, Text: "Moi."})
	if err := w.Posts.Delete(t.Context(), w.ana.ID, starter.ID); err != nil {
		t.Fatal(err)
	}
	w.visitor().get(postPath(starter.ID)).shows(t, 410, "Ce n’est plus ici")
	w.visitor().get(postPath(reply.ID)).shows(t, 200, "Moi.", "qui n’est pas ici")
}

func TestEdit(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := w.says(w.ana, posts.Draft{Title: "Avant", Text: "Du *texte*"})
	path := postPath(p.ID)
	ana, bob := w.as(w.ana), w.as(w.bob)

	ana.get(path).shows(t, 200, path+"/edit", path+"/delete")
	bob.get(path).lacks(t, path+"/edit", path+"/delete")
	ana.get(path+"/edit").shows(t, 200, "Du *texte*", `value="Avant"`, "Enregistrer")
	bob.get(path+"/edit").shows(t, 403, "Seule la personne qui a écrit")
	bob.post(path+"/edit", url.Values{"text": {"Volé"}}).shows(t, 403, "Seule la personne qui a écrit")
	w.visitor().get(path+"/edit").leads(t, "/sign-in?next="+url.QueryEscape(path+"/edit"))

	ana.post(path+"/edit", url.Values{"title": {strings.Repeat("x", 201)}, "text": {"Gardé"}}).shows(t, 400, "Gardé", "200 caractères")
	w.pass(time.Hour)
	ana.post(path+"/edit", url.Values{"title": {"Après"}, "text": {"Du **texte**"}}).
		leads(t, fmt.Sprintf("%s#post-%d", path, p.ID))
	ana.get(path).shows(t, 200, "Après", "<strong>texte</strong>", "modifié", "Les changements sont enregistrés")
}

func TestDelete(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	starter := w.says(w.bob, posts.Draft{Title: "À jeter", Text: "Du texte"})
	reply := w.says(w.bob, posts.Draft{InReplyTo: starter.ID, Text: "Encore"})
	cleo := w.as(w.member("cleo", "Cléo"))
	ana, bob := w.as(w.ana), w.as(w.bob)

	cleo.post(postPath(starter.ID)+"/delete", url.Values{}).shows(t, 403, "Seules la personne")
	w.stored(starter.ID)
	ana.get(postPath(starter.ID)+"/delete").shows(t, 200, "comme personne qui anime")
	bob.get(postPath(reply.ID)+"/delete").shows(t, 200, "Supprimer cette publication?", "serveurs partenaires", "La garder")
	w.stored(reply.ID) // looking deletes nothing
	bob.post(postPath(reply.ID)+"/delete", url.Values{}).leads(t, postPath(starter.ID))
	bob.get(postPath(starter.ID)).shows(t, 200, "C’est supprimé ici").lacks(t, "Encore")
	ana.post(postPath(starter.ID)+"/delete", url.Values{}).leads(t, "/c/makers")
	w.visitor().get(postPath(starter.ID)).shows(t, 410, "a été supprimée")
	w.visitor().get("/c/makers").lacks(t, "À jeter")
}

func TestLike(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := w.says(w.ana, posts.Draft{Title: "Bon coup", Text: "Du texte"})
	path := postPath(p.ID)
	bob := w.as(w.bob)

	bob.get(path).shows(t, 200, path+"/like", "J’aime")
	for range 2 { // liking twice is liking once
		bob.post(path+"/like", url.Values{}).leads(t, fmt.Sprintf("%s#post-%d", path, p.ID))
	}
	bob.get(path).shows(t, 200, "Je n’aime plus", path+"/unlike", "Vous aimez cette publication")
	if got := w.stored(p.ID).Likes; got != 1 {
		t.Errorf("likes = %d, want 1", got)
	}
	w.visitor().get(path).shows(t, 200, "aimé 1 fois").lacks(t, path+"/like")
	bob.post(path+"/unlike", url.Values{}).leads(t, fmt.Sprintf("%s#post-%d", path, p.ID))
	if got := w.stored(p.ID).Likes; got != 0 {
		t.Errorf("likes = %d, want 0", got)
	}
	w.visitor().post(path+"/like", url.Values{}).leads(t, "/sign-in?next=%2F")
	bob.post("/posts/1/like", url.Values{}).shows(t, 404)
}

func TestFollow(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := w.as(w.bob)
	makers := url.Values{"actor": {fmt.Sprint(w.makers.Actor.ID)}}

	t.Run("a community of ours", func(t *testing.T) {
		bob.get("/c/makers").shows(t, 200, `action="/follow"`, "1 abonnement")
		bob.post("/follow", makers).leads(t, "/c/makers")
		bob.get("/c/makers").shows(t, 200, "Vous êtes abonné·e", `action="/unfollow"`, "2 abonnements")
		bob.post("/unfollow", makers).leads(t, "/c/makers")
		bob.get("/c/makers").shows(t, 200, "L’abonnement est terminé", `action="/follow"`)
		if got := w.follows(w.bob, w.makers.Actor); got != actors.Ended {
			t.Errorf("follow = %q, want ended", got)
		}
	})
	t.Run("one elsewhere, which answers later", func(t *testing.T) {
		bakers := w.far("Group", "bakers")
		bob.post("/follow", url.Values{"actor": {fmt.Sprint(bakers.ID)}}).leads(t, "/c/bakers@far.example")
		bob.get("/c/bakers@far.example").shows(t, 200, "La demande est envoyée", "la communauté répondra", "Retirer la demande", "far.example")
		if got := w.follows(w.bob, bakers); got != actors.Pending {
			t.Errorf("follow = %q, want pending", got)
		}
	})
	t.Run("a person", func(t *testing.T) {
		bob.post("/follow", url.Values{"actor": {fmt.Sprint(w.ana.ID)}}).leads(t, "/@ana")
		bob.get("/@bob").lacks(t, `action="/follow"`)
		bob.post("/follow", url.Values{"actor": {fmt.Sprint(w.bob.ID)}}).shows(t, 400, "soi-même")
	})
	t.Run("looks before it asks", func(t *testing.T) {
		bob.get("/follow?who="+url.QueryEscape("makers")).shows(t, 200, "Ateliers partagés", "Si vous vous abonnez")
		bob.get("/follow?who="+url.QueryEscape("not a handle")).shows(t, 404, `role="alert"`, `value="not a handle"`)
		bob.get("/follow").shows(t, 200, "Son nom ou son adresse").lacks(t, `role="alert"`)
	})
	t.Run("refuses nonsense and strangers", func(t *testing.T) {
		bob.post("/follow", url.Values{"actor": {"x"}}).shows(t, 404)
		bob.post("/follow", url.Values{"actor": {"1"}}).shows(t, 404, "n’existe pas")
		w.visitor().post("/follow", makers).leads(t, "/sign-in?next=%2F")
	})
}

func TestToken(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	secret, err := w.Accounts.IssueToken(context.Background(), acts.By{}, w.bob.ID, "test", 0)
	if err != nil {
		t.Fatal(err)
	}
	script := w.visitor()
	script.headers.Set("Authorization", "Bearer "+secret)
	a := script.post("/follow", url.Values{"actor": {fmt.Sprint(w.makers.Actor.ID)}}).leads(t, "/c/makers")
	if got := a.header.Get("Set-Cookie"); got != "" {
		t.Errorf("a script was given the cookie %q", got)
	}
	script.headers.Set("Authorization", "Bearer nothing")
	script.get("/").shows(t, 401, "Ce jeton est inconnu")
}

func TestOtherSitesPostNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for name, value := range map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"} {
		bob := w.as(w.bob)
		bob.headers.Set(name, value)
		bob.post("/follow", url.Values{"actor": {fmt.Sprint(w.makers.Actor.ID)}}).shows(t, 403, "envoyé d’un autre site")
		bob.post("/posts", url.Values{"community": {fmt.Sprint(w.makers.Actor.ID)}, "text": {"Pourriel"}}).shows(t, 403)
		bob.get("/c/makers").shows(t, 200).lacks(t, "Pourriel")
	}
	if got := w.follows(w.bob, w.makers.Actor); got != "" {
		t.Errorf("another site made Bob follow: %q", got)
	}
	w.visitor().post("/sign-in", url.Values{"login": {"ana"}, "password": {password}}).leads(t, "/")
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	w := newTown(t)

	t.Run("is what the browser asks for, else French", func(t *testing.T) {
		for accept, want := range map[string]string{"": "fr", "en-CA,en;q=0.9": "en", "fr-CA": "fr", "de,en;q=0.5": "en", "de": "fr", ";;": "fr"} {
			v := w.visitor()
			v.headers.Set("Accept-Language", accept)
			v.get("/").shows(t, 200, `<html lang="`+want+`">`)
		}
	})
	t.Run("can be chosen, and leads back", func(t *testing.T) {
		v := w.visitor()
		v.get("/about").shows(t, 200, `name="next" value="/about"`, "English")
		v.post("/language", url.Values{"language": {"en"}, "next": {"/about"}}).leads(t, "/about")
		v.get("/about").shows(t, 200, `<html lang="en">`, "Where your posts go")
		v.post("/language", url.Values{"language": {"en"}, "next": {"https://evil.example"}}).leads(t, "/")
		v.post("/language", url.Values{"language": {"xx"}}).shows(t, 400)
	})
	t.Run("goes with the member", func(t *testing.T) {
		w.as(w.bob).post("/language", url.Values{"language": {"en"}, "next": {"/"}})
		w.as(w.bob).get("/").shows(t, 200, `<html lang="en">`, "In your communities")
		m, err := w.Accounts.ByID(t.Context(), w.bob.ID)
		if err != nil || m.Language != "en" {
			t.Errorf("language = %q, %v", m.Language, err)
		}
	})
}

func TestSessionOfWhoIsGone(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := w.as(w.bob)
	if _, err := w.DB.Exec(t.Context(), `DELETE FROM members WHERE actor = $1`, w.bob.ID); err != nil {
		t.Fatal(err)
	}
	bob.get("/").shows(t, 200, "Se connecter")
}
