package web

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"passerelles/acts"
	"passerelles/oauth"
)

// phone is the app in which Ana keeps what makes her codes.
type phone struct {
	w      *town
	secret string
}

// shows gives the code of now.
func (p phone) shows(t *testing.T) string {
	t.Helper()
	code, err := totp.GenerateCode(p.secret, p.w.now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

var (
	offered = regexp.MustCompile(`name="offer" value="([^"]+)"`)
	typedIn = regexp.MustCompile(`<code class="link"[^>]*>([A-Z2-7 ]+)</code>`)
	written = regexp.MustCompile(`<li><code>([a-z2-7-]+)</code></li>`)
)

// turnsOn has somebody who is signed in turn a second factor on, and gives the recovery codes.
func (v *guest) turnsOn(t *testing.T) (p phone, recovery []string) {
	t.Helper()
	a := v.get("/settings/factor").shows(t, 200, "Vérification en deux étapes", `src="data:image/png;base64,`, `href="otpauth://totp/`)
	p = phone{v.w, strings.ReplaceAll(typedIn.FindStringSubmatch(a.body)[1], " ", "")}
	a = v.post("/settings/factor/on", url.Values{"offer": {offered.FindStringSubmatch(a.body)[1]}, "password": {password}, "code": {p.shows(t)}}).
		shows(t, 200, "Vos codes de secours")
	if keep := a.header.Get("Cache-Control"); !strings.Contains(keep, "no-store") {
		t.Errorf("recovery codes are kept: %s", keep)
	}
	for _, code := range written.FindAllStringSubmatch(a.body, -1) {
		recovery = append(recovery, code[1])
	}
	if len(recovery) != 10 {
		t.Fatalf("%d codes", len(recovery))
	}
	v.w.pass(time.Minute)
	return p, recovery
}

func (v *guest) signsIn(name, next string) answer {
	return v.post("/sign-in", url.Values{"login": {name}, "password": {password}, "next": {next}})
}

func (v *guest) types(code string) answer {
	return v.post("/sign-in/code", url.Values{"code": {code}})
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ana := w.as(w.ana)
	other := w.as(w.ana)
	ana.get("/settings/sessions").shows(t, 200, "Le mot de passe suffit")
	app, recovery := ana.turnsOn(t)
	ana.get("/settings/sessions").shows(t, 200, "Un code est demandé après le mot de passe")
	ana.get("/settings/factor").shows(t, 200, "10 codes de secours", "Activée").lacks(t, app.secret, "data:image")
	other.get("/settings").leads(t, "/sign-in?next=%2Fsettings")
	if mail := w.sent("ana@example.org"); !strings.Contains(mail, "La vérification en deux étapes est activée") {
		t.Errorf("Ana is told %s", mail)
	}

	v := w.visitor()
	v.get("/sign-in/code").leads(t, "/sign-in?next=%2F")
	v.signsIn("ana", "/settings/export").leads(t, "/sign-in/code")
	v.get("/sign-in/code").shows(t, 200, "@ana", `autocomplete="one-time-code"`, "Je n’ai pas mon application").lacks(t, "Se déconnecter")
	v.types("000000").shows(t, 401, "Ce code n’est pas le bon", "@ana")
	v.types("").shows(t, 400, "Entrez un code")
	v.types(app.shows(t)).leads(t, "/settings/export")
	v.get("/settings/export").shows(t, 200, "Vous êtes connecté·e")
	v.get("/sign-in/code").leads(t, "/sign-in?next=%2F")

	again := w.visitor()
	again.signsIn("ana", "").leads(t, "/sign-in/code")
	again.types(app.shows(t)).shows(t, 401, "a déjà servi")
	again.types(strings.ToUpper(recovery[0])).leads(t, "/")
	again.get("/settings/factor").shows(t, 200, "9 codes de secours", "Un code de secours a servi")
}

// TestHalfSignedInIsNobody: the password alone opens nothing, and what it opens is short.
func TestHalfSignedInIsNobody(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	app, _ := w.as(w.ana).turnsOn(t)
	v := w.visitor()
	v.signsIn("ana", "/settings").leads(t, "/sign-in/code")
	for _, path := range []string{"/settings", "/settings/factor", "/settings/sessions", "/notifications", "/c/makers/members", "/communities/new", "/oauth/authorize"} {
		v.get(path).leads(t, "/sign-in?next="+url.QueryEscape(path))
	}
	v.get("/").shows(t, 200, "Se connecter").lacks(t, "Se déconnecter", "/@ana\"")
	for _, path := range []string{"/settings/factor/off", "/settings/factor/codes", "/settings/password", "/posts"} {
		if a := v.post(path, url.Values{"password": {password}, "code": {app.shows(t)}, "text": {"x"}}); a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, "/sign-in?next=") {
			t.Errorf("%s: %d to %s", path, a.status, a.location)
		}
	}
	if n, err := w.Accounts.Sessions(t.Context(), w.ana.ID); err != nil || len(n) != 1 {
		t.Errorf("%d sessions, %v", len(n), err)
	}
	w.pass(11 * time.Minute)
	v.types(app.shows(t)).leads(t, "/sign-in?next=%2Fsettings")
	v.get("/settings").leads(t, "/sign-in?next=%2Fsettings")
}

// TestNoPlantedCookieComesIn: the cookie changes with each step, and those of before are worth nothing.
func TestNoPlantedCookieComesIn(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	app, _ := w.as(w.ana).turnsOn(t)
	v := w.visitor()
	address, _ := url.Parse(w.server.URL)
	held := func() string {
		for _, c := range v.client.Jar.Cookies(address) {
			if c.Name == "session" {
				return c.Value
			}
		}
		return ""
	}
	v.signsIn("ana", "")
	planted := held()
	v.signsIn("ana", "").leads(t, "/sign-in/code")
	half := held()
	v.types(app.shows(t)).leads(t, "/")
	if whole := held(); planted == "" || half == "" || half == planted || whole == half || whole == "" {
		t.Errorf("cookies: %q, then %q, then %q", planted, half, whole)
	}
	for name, cookie := range map[string]string{"planted": planted, "half": half} {
		thief := w.visitor()
		thief.headers.Set("Cookie", "session="+cookie)
		thief.get("/settings").leads(t, "/sign-in?next=%2Fsettings")
		if a := thief.types(app.shows(t)); a.location != "/sign-in?next=%2F" {
			t.Errorf("the cookie %s goes on to %d %s", name, a.status, a.location)
		}
	}
}

// TestEachWayInAsksTheCode but for who has none.
func TestEachWayInAsksTheCode(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	app, _ := w.as(w.ana).turnsOn(t)
	w.sent("ana@example.org") // that it is on

	t.Run("a letter for a new password", func(t *testing.T) {
		v := w.visitor()
		v.post("/reset", url.Values{"email": {"ana@example.org"}}).leads(t, "/reset/sent")
		v.post(w.path(w.sent("ana@example.org")), url.Values{"password": {password}}).leads(t, "/sign-in/code")
		v.get("/settings").leads(t, "/sign-in?next=%2Fsettings")
		w.pass(time.Minute)
		v.types(app.shows(t)).leads(t, "/")
		v.get("/settings").shows(t, 200)
	})
	t.Run("an app that asks to act", func(t *testing.T) {
		lens, _, err := w.Apps.Register(t.Context(), oauth.NewApp{Name: "Lunettes", Redirects: []string{oauth.OutOfBand}})
		if err != nil {
			t.Fatal(err)
		}
		at := "/oauth/authorize?" + url.Values{"response_type": {"code"}, "client_id": {lens.Client}, "redirect_uri": {oauth.OutOfBand}, "scope": {"read"}, "state": {"x&y"}}.Encode()
		v := w.visitor()
		v.get(at).leads(t, "/sign-in?next="+url.QueryEscape(at))
		v.signsIn("ana", at).leads(t, "/sign-in/code")
		v.get(at).leads(t, "/sign-in?next="+url.QueryEscape(at))
		v.post("/oauth/authorize", url.Values{"act": {"allow"}, "response_type": {"code"}, "client_id": {lens.Client}, "redirect_uri": {oauth.OutOfBand}, "scope": {"read"}}).lacks(t, `id="code" value`)
		w.pass(time.Minute)
		v.types(app.shows(t)).leads(t, at)
		v.get(at).shows(t, 200, "Lunettes", "Autoriser")
	})
	t.Run("somebody else who was signed in before", func(t *testing.T) {
		v := w.as(w.bob)
		v.signsIn("ana", "").leads(t, "/sign-in/code")
		v.get("/settings").leads(t, "/sign-in?next=%2Fsettings")
		if n, err := w.Accounts.Sessions(t.Context(), w.bob.ID); err != nil || len(n) != 0 {
			t.Errorf("Bob has %d sessions, %v", len(n), err)
		}
		w.pass(time.Minute)
		v.types(app.shows(t)).leads(t, "/")
		v.get("/settings").shows(t, 200, "ana@example.org")
	})
}

// TestPagesThatAskThePasswordAskTheCode of who has one, and of nobody else.
func TestPagesThatAskThePasswordAskTheCode(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ana, bob := w.as(w.ana), w.as(w.bob)
	app, _ := ana.turnsOn(t)
	for _, path := range []string{"/settings/address", "/settings/sessions", "/settings/leave"} {
		bob.get(path).shows(t, 200).lacks(t, `name="code"`)
		if path != "/settings/leave" { // she owns a community, and stays
			ana.get(path).shows(t, 200, `name="code"`)
		}
	}
	change := url.Values{"old": {password}, "password": {"another horse battery"}}
	ana.post("/settings/password", change).shows(t, 400, "Entrez un code", `name="code"`)
	change.Set("code", app.shows(t))
	ana.post("/settings/password", change).leads(t, "/settings/sessions")
	ana.post("/settings/address", url.Values{"email": {"ana@ailleurs.example"}, "password": {"another horse battery"}, "code": {app.shows(t)}}).shows(t, 400, "a déjà servi", `value="ana@ailleurs.example"`)
	w.pass(time.Minute)
	ana.post("/settings/address", url.Values{"email": {"ana@ailleurs.example"}, "password": {"another horse battery"}, "code": {app.shows(t)}}).leads(t, "/settings")
	ana.post("/settings/factor/off", url.Values{"password": {password}}).shows(t, 400, "n’est pas votre mot de passe", "open><summary>Désactiver")
	w.pass(time.Minute)
	ana.post("/settings/factor/off", url.Values{"password": {"another horse battery"}, "code": {app.shows(t)}}).leads(t, "/settings/factor")
	ana.get("/settings/factor").shows(t, 200, "Le mot de passe suffit", "Désactivée", "data:image")
	w.visitor().post("/sign-in", url.Values{"login": {"ana"}, "password": {"another horse battery"}}).leads(t, "/")

	bobs, _ := bob.turnsOn(t)
	bob.get("/settings/leave").shows(t, 200, `name="code"`)
	bob.post("/settings/leave", url.Values{"password": {password}}).shows(t, 400, "Entrez un code")
	bob.post("/settings/leave", url.Values{"password": {password}, "code": {bobs.shows(t)}}).leads(t, "/")
}

// TestAWrongCodeKeepsTheOffer, which the app has by then.
func TestAWrongCodeKeepsTheOffer(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ana := w.as(w.ana)
	a := ana.get("/settings/factor")
	offer, secret := offered.FindStringSubmatch(a.body)[1], typedIn.FindStringSubmatch(a.body)[1]
	ana.post("/settings/factor/on", url.Values{"offer": {offer}, "password": {password}, "code": {"000000"}}).
		shows(t, 400, "que votre application montre en ce moment", secret, html.EscapeString(offer))
	ana.post("/settings/factor/on", url.Values{"offer": {"x"}, "password": {password}, "code": {"000000"}}).
		shows(t, 400, "trop vieille").lacks(t, secret)
	w.as(w.bob).post("/settings/factor/on", url.Values{"offer": {offer}, "password": {password}, "code": {"000000"}}).
		shows(t, 400, "trop vieille").lacks(t, secret)
}

// TestAdministratorsSeeWhoHasASecondFactor, and nobody else does.
func TestAdministratorsSeeWhoHasASecondFactor(t *testing.T) {
	t.Parallel()
	w, rita := administered(t)
	boss := w.as(rita)
	boss.get("/@ana").shows(t, 200, "deux étapes\u00a0: non")
	w.as(w.ana).turnsOn(t)
	boss.get("/@ana").shows(t, 200, "deux étapes\u00a0: oui")
	w.as(w.bob).get("/@ana").shows(t, 200).lacks(t, "deux étapes")
	w.sent("ana@example.org") // that it is on
	if err := w.Accounts.TakeFactor(t.Context(), acts.By{Line: true}, w.ana.ID); err != nil {
		t.Fatal(err)
	}
	boss.get("/@ana").shows(t, 200, "deux étapes\u00a0: non")
	boss.get("/admin/acts").shows(t, 200, "Vérification en deux étapes retirée", "@ana")
	if mail := w.sent("ana@example.org"); !strings.Contains(mail, "a été retirée de votre compte") {
		t.Errorf("Ana is told %s", mail)
	}
}
