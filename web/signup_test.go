package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"passerelles/accounts"
	"passerelles/acts"
)

// sent has what waits leave, and gives the last mail to an address.
func (w *town) sent(to string) string {
	w.t.Helper()
	w.pass(time.Second) // which orders them
	if err := w.engine.DoDue(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	mails, err := w.Mails.Caught(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range mails {
		if m.To == to {
			return m.Subject + "\n" + m.Body
		}
	}
	return ""
}

// path is that of the link in a mail.
func (w *town) path(mail string) string {
	w.t.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(w.server.URL) + `(/(?:confirm|reset)/\S+)`).FindStringSubmatch(mail)
	if found == nil {
		w.t.Fatalf("no link in %q", mail)
	}
	return found[1]
}

func (w *town) mode(m accounts.Mode) {
	w.t.Helper()
	if err := w.Accounts.SetMode(w.t.Context(), acts.By{}, m); err != nil {
		w.t.Fatal(err)
	}
}

func newcomer() url.Values {
	return url.Values{"email": {"eve@home.example"}, "name": {"eve"}, "title": {"Ève Roy"}, "password": {"open sesame"}}
}

func TestSignUpPages(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.visitor().get("/sign-up").shows(t, 200, "On ne peut pas ouvrir de compte").lacks(t, "<input id=\"email\"")
	w.visitor().get("/sign-in").lacks(t, `href="/sign-up"`)
	w.visitor().post("/sign-up", newcomer()).shows(t, 403, "On ne peut pas ouvrir de compte")
	w.mode(accounts.Open)
	v := w.visitor()
	v.get("/sign-in").shows(t, 200, `href="/sign-up"`, `href="/reset"`)
	wrong := newcomer()
	wrong.Set("name", "Ève!")
	v.post("/sign-up", wrong).shows(t, 400, `role="alert"`, `value="Ève!"`, "eve@home.example").lacks(t, "open sesame")
	v.post("/sign-up", newcomer()).leads(t, "/sign-up/sent")
	v.get("/sign-up/sent").shows(t, 200, "Regardez vos courriels", "dans les sept jours")
	for _, path := range []string{"/@eve", "/.well-known/webfinger?resource=acct:eve@" + w.server.Listener.Addr().String()} {
		v.get(path).shows(t, 404)
	}
	v.post("/sign-in", url.Values{"login": {"eve"}, "password": {"open sesame"}}).shows(t, 403, "Confirmez d’abord votre adresse")
	link := w.path(w.sent("eve@home.example"))
	v.get(link).shows(t, 200, "@eve")
	v.get(link).shows(t, 200) // who looks first, as carriers of mail do, changes nothing
	v.post(link, url.Values{"password": {"wrong"}}).shows(t, 401, `role="alert"`)
	v.post(link, url.Values{"password": {"open sesame"}}).leads(t, "/communities")
	v.get("/communities").shows(t, 200, "Votre compte est ouvert", "Ève Roy")
	v.get("/@eve").shows(t, 200, "Ève Roy", `name="robots" content="noindex"`)
	w.visitor().get(link).shows(t, 404)
}

// TestSignUpTellsNothingOfAnAddress compares what a known and an unknown one are answered.
func TestSignUpTellsNothingOfAnAddress(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.mode(accounts.Open)
	answers := map[string]string{}
	for _, email := range []string{"ana@example.org", "nobody@home.example"} {
		var said []string
		say := func(a answer) {
			said = append(said, http.StatusText(a.status)+a.location+strings.ReplaceAll(a.body, email, "ADDRESS"))
		}
		v := w.visitor()
		form := newcomer()
		form.Set("email", email)
		form.Set("name", map[string]string{"ana@example.org": "eve_1", "nobody@home.example": "eve_2"}[email])
		say(v.post("/sign-up", form))
		say(v.get("/sign-up/sent"))
		say(v.post("/reset", url.Values{"email": {email}}))
		say(v.get("/reset/sent"))
		say(v.post("/sign-in", url.Values{"login": {email}, "password": {"open sesame"}}))
		say(v.post("/sign-in", url.Values{"login": {email}, "password": {"wrong sesame"}}))
		for range 3 {
			say(v.post("/reset", url.Values{"email": {email}}))
		}
		answers[email] = strings.Join(said, "\n\n")
	}
	if answers["ana@example.org"] != answers["nobody@home.example"] {
		t.Errorf("a known address:\n%s\n\nan unknown one:\n%s", answers["ana@example.org"], answers["nobody@home.example"])
	}
	if !strings.Contains(answers["ana@example.org"], "Trop") && !strings.Contains(answers["ana@example.org"], "trop souvent") {
		t.Error("nothing was limited")
	}
}

func TestResetPages(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	elsewhere := w.as(w.ana)
	v := w.visitor()
	v.headers.Set("X-Forwarded-Host", "evil.example")
	v.post("/reset", url.Values{"email": {"ana@example.org"}}).leads(t, "/reset/sent")
	mail := w.sent("ana@example.org")
	if strings.Contains(mail, "evil.example") {
		t.Errorf("the link leads to where the asker said: %s", mail)
	}
	link := w.path(mail)
	v.get(link).shows(t, 200, "@ana")
	v.post(link, url.Values{"password": {"short"}}).shows(t, 400, `role="alert"`)
	v.post(link, url.Values{"password": {"another horse"}}).leads(t, "/")
	v.get("/").shows(t, 200, "Le mot de passe est changé", "Ana Tremblay")
	elsewhere.get("/").shows(t, 200, "Se connecter")
	w.visitor().get(link).shows(t, 404)
	w.visitor().post(link, url.Values{"password": {"a third horse"}}).shows(t, 404)
}

func TestSessionPages(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	phone := w.visitor()
	phone.headers.Set("User-Agent", "Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0")
	phone.post("/sign-in", url.Values{"login": {"ana"}, "password": {password}})
	strange := w.visitor()
	strange.headers.Set("User-Agent", "<script>alert(1)</script>")
	strange.post("/sign-in", url.Values{"login": {"ana"}, "password": {password}})
	v := w.as(w.ana)
	page := v.get("/settings/sessions").shows(t, 200, "Firefox, Android", "Appareil inconnu", "celle-ci", "127.0.0.1").lacks(t, "<script>", "Gecko")
	numbers := regexp.MustCompile(`name="session" value="(\d+)"`).FindAllStringSubmatch(page.body, -1)
	if len(numbers) != 2 {
		t.Fatalf("%d sessions to end, want 2", len(numbers))
	}
	w.as(w.bob).post("/settings/sessions/end", url.Values{"session": {numbers[0][1]}})
	v.get("/settings/sessions").shows(t, 200, numbers[0][1])
	v.post("/settings/sessions/end", url.Values{"session": {numbers[0][1]}}).leads(t, "/settings/sessions")
	v.get("/settings/sessions").lacks(t, `value="`+numbers[0][1])
	v.post("/settings/sessions/end-others", nil).leads(t, "/settings/sessions")
	phone.get("/").shows(t, 200, "Se connecter")
	strange.get("/").shows(t, 200, "Se connecter")

	other := w.as(w.ana)
	home, _ := url.Parse(w.server.URL)
	before := v.client.Jar.Cookies(home)[0].Value
	v.post("/settings/password", url.Values{"old": {"wrong"}, "password": {"another horse"}}).shows(t, 400, "Ce n’est pas votre mot de passe")
	v.post("/settings/password", url.Values{"old": {password}, "password": {"another horse"}}).leads(t, "/settings/sessions")
	v.get("/settings").shows(t, 200, "Ana Tremblay")
	other.get("/").shows(t, 200, "Se connecter")
	if v.client.Jar.Cookies(home)[0].Value == before {
		t.Error("the session kept its token after the password changed")
	}
	kept := v.client.Jar.Cookies(home)[0].Value
	v.post("/sign-out", nil)
	taken := w.visitor()
	taken.headers.Set("Cookie", "session="+kept)
	taken.get("/").shows(t, 200, "Se connecter")
}

func TestProfileIsEdited(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.as(w.ana)
	v.get("/settings").shows(t, 200, `value="Ana Tremblay"`, "ana@example.org").lacks(t, " checked")
	v.post("/settings/profile", url.Values{"title": {"Ana T."}, "text": {"Je *répare*."}, "discoverable": {"1"}}).leads(t, "/settings")
	v.get("/settings").shows(t, 200, `name="discoverable" value="1" checked`, `name="indexable" value="1">`, "Je *répare*.")
	w.visitor().get("/@ana").shows(t, 200, "Ana T.", "<em>répare</em>", "feed.atom", "noindex").lacks(t, "ana@example.org")
	v.post("/settings/profile", url.Values{"title": {"Ana T."}, "approves": {"1"}, "quotable": {"nobody"}, "field-name": {"", "Ville"}, "field-value": {"", "<i>Matane</i> https://matane.example"}}).leads(t, "/settings")
	v.get("/settings").shows(t, 200, `value="Ville"`, `name="approves" value="1" checked`, `value="nobody" selected`, `id="field-name-5"`)
	v.get("/").shows(t, 200, `value="nobody" selected`)
	v.get("/@ana").shows(t, 200, "<dt><bdi>Ville</bdi></dt>", `&lt;i&gt;Matane&lt;/i&gt; <a href="https://matane.example" rel="me nofollow noopener noreferrer ugc">https://matane.example</a>`)
	v.post("/settings/profile", url.Values{"title": {"Ana"}, "field-name": {"Ville"}, "field-value": {""}}).shows(t, 400, `role="alert"`, `value="Ville"`)
	v.post("/settings/profile", url.Values{"title": {"Ana D."}, "quotable": {"friends"}}).shows(t, 400, `role="alert"`)
	v.get("/settings").shows(t, 200, `value="Ana T."`)
	v.post("/settings/profile", url.Values{"title": {strings.Repeat("x", 101)}}).shows(t, 400, `role="alert"`, "xxx")
}

func TestAdministratorsAnswerSignUps(t *testing.T) {
	t.Parallel()
	w, rita := administered(t)
	w.mode(accounts.Approval)
	v := w.visitor()
	v.get("/sign-up").shows(t, 200, "Qui êtes-vous")
	form := newcomer()
	form.Set("words", "J’anime une <b>coop</b>.")
	v.post("/sign-up", form)
	link := w.path(w.sent("eve@home.example"))
	v.post(link, url.Values{"password": {"open sesame"}}).leads(t, "/")
	v.get("/").shows(t, 200, "vous répondra par courriel", "Se connecter")
	boss := w.as(rita)
	page := boss.get("/admin/sign-ups").shows(t, 200, "@eve", "J’anime une &lt;b&gt;coop&lt;/b&gt;.")
	id := regexp.MustCompile(`name="id" value="(\d+)"`).FindStringSubmatch(page.body)[1]
	w.as(w.ana).post("/admin/sign-ups", url.Values{"id": {id}, "answer": {"yes"}}).shows(t, 404)
	boss.post("/admin/sign-ups", url.Values{"id": {id}, "answer": {"yes"}}).leads(t, "/admin/sign-ups")
	boss.get("/admin/sign-ups").shows(t, 200, "Personne n’attend")
	boss.get("/about").shows(t, 200, `href="/admin/mails"`)
	boss.get("/admin/mails").shows(t, 200, `<a href="`+w.server.URL+`/confirm/`)
	w.visitor().post("/sign-in", url.Values{"login": {"eve"}, "password": {"open sesame"}}).leads(t, "/")

	boss.post("/admin/settings", url.Values{"mode": {"invitation"}, "name": {"Rita Roy"}, "role": {"Direction"}, "reach": {"rita@home.example"}}).leads(t, "/admin/settings")
	w.visitor().get("/about").shows(t, 200, "Rita Roy", "Direction", "mailto:rita@home.example")
	w.visitor().get("/sign-up").shows(t, 200, "il faut une invitation")
	boss.post("/admin/invitations", url.Values{"label": {"CA"}, "most": {"0"}, "days": {"14"}}).shows(t, 400, `role="alert"`)
	boss.post("/admin/invitations", url.Values{"label": {"CA"}, "most": {"1"}, "days": {"14"}}).leads(t, "/admin/sign-ups")
	page = boss.get("/admin/sign-ups").shows(t, 200, "CA", "0 sur 1")
	ticket := regexp.MustCompile(`/sign-up\?invitation=([a-z0-9-]+)`).FindStringSubmatch(page.body)[1]
	w.visitor().get("/sign-up?invitation="+ticket).shows(t, 200, "Vous avez une invitation")
	form = newcomer()
	form.Set("name", "nora")
	form.Set("email", "nora@home.example")
	form.Set("invitation", ticket)
	w.visitor().post("/sign-up", form).leads(t, "/sign-up/sent")
	w.visitor().get("/sign-up?invitation="+ticket).shows(t, 200, "a déjà servi")
}

func TestOurLinks(t *testing.T) {
	t.Parallel()
	got := ourLinks("see http://a.example/x and\nhttp://a.example/y", "http://a.example")
	want := []string{"see ", "http://a.example/x", " and\n", "http://a.example/y", ""}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// accountPages are those by which people come in, one of whom waits, and another is invited.
func accountPages(w *town) []string {
	w.t.Helper()
	w.mode(accounts.Approval)
	form := newcomer()
	form.Set("words", "J’anime une coopérative d’habitation à Rimouski.")
	v := w.visitor()
	v.post("/sign-up", form).leads(w.t, "/sign-up/sent")
	confirm := w.path(w.sent("eve@home.example"))
	v.post(confirm, url.Values{"password": {"open sesame"}}).leads(w.t, "/")
	if _, err := w.Accounts.Invite(w.t.Context(), acts.By{}, "Conseil d’administration", 5, 14*24*time.Hour); err != nil {
		w.t.Fatal(err)
	}
	form.Set("name", "nora")
	form.Set("email", "nora@home.example")
	v.post("/sign-up", form).leads(w.t, "/sign-up/sent")
	v.post("/reset", url.Values{"email": {"bob@example.org"}}).leads(w.t, "/reset/sent")
	return []string{"/sign-up", "/sign-up/sent", "/reset", "/reset/sent", w.path(w.sent("nora@home.example")), w.path(w.sent("bob@example.org"))}
}

// TestANewcomerInABrowser signs up, confirms by the mail that was caught, and looks after the
// account.
func TestANewcomerInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.mode(accounts.Open)
	b := newBrowser(t, w)
	b.visits("/sign-in")
	b.presses(`main a[href="/sign-up"]`)
	b.fills("#email", "eve@home.example")
	b.fills("#name", "eve")
	b.fills("#title", "Ève Roy")
	b.fills("#password", "open sesame")
	b.presses(`main form button`)
	b.finds("Regardez vos courriels")
	b.visits(w.path(w.sent("eve@home.example")))
	b.fills("#password", "open sesame")
	b.presses(`main form button`)
	b.finds("Votre compte est ouvert", "Ève Roy")
	b.presses(`footer a[href="/settings"]`)
	b.fills("#text", "De *Rimouski*.")
	b.presses(`main form button`)
	b.finds("C’est enregistré")
	b.presses(`main a[href="/settings/sessions"]`)
	b.finds("celle-ci", "Chrome")
	b.fills("#old", "open sesame")
	b.fills("#password", "another horse")
	b.presses(`main form[action="/settings/password"] button`)
	b.finds("Le mot de passe est changé", "Ève Roy")
}

// TestPagesOfAccounts has axe judge them, as TestPagesForEverybody does the others.
func TestPagesOfAccounts(t *testing.T) {
	t.Parallel()
	w, rita := administered(t)
	script := axe(t)
	b := newBrowser(t, w)
	for _, path := range accountPages(w) {
		b.judges(script, "visitor", path)
	}
	b.signsIn("bob")
	b.visits("/@ana")
	b.do(chromedp.Click(chromedp.CSS(".elsewhere-how summary")))
	b.presses(`form[action="/block"] button`)
	for _, path := range []string{"/settings", "/settings/sessions", "/settings/shunned", "/@ana"} {
		b.judges(script, "member", path)
	}
	b = newBrowser(t, w)
	b.signsIn(rita.Name)
	for _, path := range []string{"/admin/sign-ups", "/admin/settings", "/admin/mails"} {
		b.judges(script, "administrator", path)
	}
}

// TestAnotherAddressPages: Bob has his mails sent elsewhere, by a link that he opens there.
func TestAnotherAddressPages(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := w.as(w.bob)
	bob.get("/settings").shows(t, 200, `href="/settings/address"`)
	bob.get("/settings/address").shows(t, 200, "Nouvelle adresse de courriel")
	w.visitor().get("/settings/address").leads(t, "/sign-in?next=%2Fsettings%2Faddress")
	bob.post("/settings/address", url.Values{"email": {"bob@ailleurs.example"}, "password": {"wrong horse"}}).shows(t, 400, `role="alert"`, "bob@ailleurs.example")
	bob.post("/settings/address", url.Values{"email": {"bob@ailleurs.example"}, "password": {password}}).leads(t, "/settings")
	there := w.bob
	there.Email = "bob@ailleurs.example"
	mails := w.hears(there)
	if len(mails) != 1 {
		t.Fatalf("%d mails came", len(mails))
	}
	link := regexp.MustCompile(`/address/\S+`).FindString(mails[0].Body)
	w.visitor().get(link).shows(t, 200, "@bob", "bob@ailleurs.example", "Confirmer")
	bob.get("/settings").lacks(t, "bob@ailleurs.example")
	w.visitor().post(link, url.Values{}).leads(t, "/")
	w.visitor().get(link).shows(t, 404)
	bob.get("/settings").shows(t, 200, "bob@ailleurs.example")
}
