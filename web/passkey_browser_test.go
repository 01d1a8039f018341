package web

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// device keeps passkeys in a browser, and confirms whatever it is asked.
func (b *browser) device() webauthn.AuthenticatorID {
	b.t.Helper()
	b.visits("/about")
	if _, err := chromedp.Call(b.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		b.t.Fatal(err)
	}
	made, err := chromedp.Call(b.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{Protocol: "ctap2", Transport: "internal", HasResidentKey: true,
			HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
	if err != nil {
		b.t.Fatal(err)
	}
	return made.AuthenticatorID
}

// adds fills in the forms for a passkey.
func (b *browser) adds(app phone, name string) {
	b.t.Helper()
	b.visits("/settings/factor")
	b.do(chromedp.Click(chromedp.CSS(`section[aria-labelledby="passkeys"] summary`)))
	b.fills("#name", name)
	b.fills("#password-passkey", password)
	b.fills("#code-passkey", app.shows(b.t))
	b.presses(`form[action="/settings/passkeys"] button`)
}

const keyButton = `form[data-passkey] button`

func TestPasskeys(t *testing.T) {
	t.Parallel()
	w := newTownAt(t, "localhost")
	script := axe(t)
	b := newBrowser(t, w)
	b.device()
	b.signsIn("ana")
	app := b.turnsOn()
	w.sent("ana@example.org") // that it is on
	w.pass(time.Minute)
	b.adds(app, "Mon téléphone")
	b.finds("Votre appareil va vous demander")
	b.misses("exécute les scripts")
	b.photographs("passkey adding")
	b.accessible(script, "the page that makes a passkey")
	b.presses(keyButton)
	b.finds("La clé d’accès est ajoutée", "Mon téléphone", "Clé d’accès ajoutée")
	b.judges(script, "passkeys", "/settings/factor")
	if mail := w.sent("ana@example.org"); !strings.Contains(mail, "Une clé d’accès est ajoutée") {
		t.Errorf("Ana is told %s", mail)
	}

	w.pass(time.Minute)
	b.adds(app, "Encore lui")
	b.do(chromedp.Click(chromedp.CSS(keyButton)), chromedp.WaitVisible(chromedp.CSS(`form[data-passkey] [role=alert]`)))
	b.finds("n’a pas donné de clé") // it has one of hers already

	b.visits("/about")
	b.presses(`form[action="/sign-out"] button`)
	b.visits("/sign-in?next=/settings/factor")
	b.judges(script, "passkey", "/sign-in?next=/settings/factor")
	b.fills("#login", "ana")
	b.fills("#password", password)
	b.presses(`main form button`)
	b.judges(script, "passkey", "/sign-in/code")
	b.presses(keyButton)
	b.finds("Vous êtes connecté·e", "Vérification en deux étapes", "utilisée")

	b.presses(`form[action="/sign-out"] button`)
	b.visits("/sign-in?next=/settings/factor")
	b.presses(keyButton)
	b.finds("Vous êtes connecté·e", "Vérification en deux étapes", "Ana Tremblay")

	b.presses(`form[action="/settings/passkeys/end"] button`)
	b.finds("Cette clé d’accès ne vaut plus rien", "Clé d’accès retirée")
	b.presses(`form[action="/sign-out"] button`)
	b.visits("/sign-in")
	b.presses(keyButton)
	b.finds("n’a pas été acceptée")
	b.misses("Se déconnecter")
}

// signed gives what a page would send once the device answered.
func (b *browser) signed(path string) url.Values {
	b.t.Helper()
	b.visits(path)
	b.do(chromedp.Evaluate[chromedp.Void](`HTMLFormElement.prototype.submit = function () {
		document.body.dataset.sent = new URLSearchParams(new FormData(this)).toString() }`),
		chromedp.Click(chromedp.CSS(keyButton)), chromedp.WaitReady(chromedp.CSS(`body[data-sent]`)))
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.dataset.sent`))
	if err != nil {
		b.t.Fatal(err)
	}
	sent, err := url.ParseQuery(text)
	if err != nil {
		b.t.Fatal(err)
	}
	return sent
}

// TestPasskeysGotAround takes what a device signed elsewhere, again, late, or for somebody else.
func TestPasskeysGotAround(t *testing.T) {
	t.Parallel()
	w := newTownAt(t, "localhost")
	b := newBrowser(t, w)
	device := b.device()
	b.signsIn("ana")
	app := b.turnsOn()
	w.pass(time.Minute)
	b.adds(app, "Téléphone")
	b.presses(keyButton)
	b.finds("La clé d’accès est ajoutée")
	b.presses(`form[action="/sign-out"] button`)
	w.as(w.bob).turnsOn(t)
	refused := func(why, path string, v *guest, sent url.Values) {
		t.Helper()
		if a := v.post(path, sent); a.status != http.StatusUnauthorized {
			t.Errorf("%s: %d to %q", why, a.status, a.location)
		}
	}
	half := func(name string) *guest {
		v := w.visitor()
		v.signsIn(name, "").leads(t, "/sign-in/code")
		return v
	}
	change := func(sent url.Values, field, from, to string) url.Values {
		other := url.Values{"challenge": sent["challenge"], "answer": sent["answer"]}
		other.Set(field, strings.Replace(sent.Get(field), from, to, 1))
		return other
	}

	sent := b.signed("/sign-in")
	refused("in the place of a code", "/sign-in/code/passkey", half("ana"), sent)
	refused("of somebody else", "/sign-in/code/passkey", half("bob"), sent)
	refused("another challenge", "/sign-in/passkey", w.visitor(), url.Values{"challenge": {b.challenge("/sign-in")}, "answer": sent["answer"]})
	refused("another signature", "/sign-in/passkey", w.visitor(), change(sent, "answer", `"signature":"M`, `"signature":"N`))
	refused("no answer", "/sign-in/passkey", w.visitor(), url.Values{"challenge": sent["challenge"]})
	refused("no challenge", "/sign-in/passkey", w.visitor(), url.Values{"answer": sent["answer"]})
	var in atomic.Int64
	var all sync.WaitGroup
	for range 40 {
		v := w.visitor()
		all.Go(func() {
			if a := v.post("/sign-in/passkey", sent); a.status == http.StatusSeeOther && a.location == "/" {
				in.Add(1)
			}
		})
	}
	all.Wait()
	if n := in.Load(); n != 1 {
		t.Errorf("an answer that came forty times opened %d times", n)
	}
	w.pass(2 * time.Hour)

	late := b.signed("/sign-in")
	w.pass(11 * time.Minute)
	refused("late", "/sign-in/passkey", w.visitor(), late)

	bad := true
	if _, err := chromedp.Call(b.ctx, webauthn.SetResponseOverrideBits, webauthn.SetResponseOverrideBitsParams{AuthenticatorID: device, IsBadUV: &bad}); err != nil {
		t.Fatal(err)
	}
	refused("of a device that did not ask who it is", "/sign-in/passkey", w.visitor(), b.signed("/sign-in"))
}

// challenge is that of a page, which was answered by nobody.
func (b *browser) challenge(path string) string {
	b.t.Helper()
	b.visits(path)
	sealed, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.querySelector("[name=challenge]").value`))
	if err != nil {
		b.t.Fatal(err)
	}
	return sealed
}
