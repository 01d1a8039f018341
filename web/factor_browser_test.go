package web

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestSecondFactorInABrowser goes the whole way, as a member does.
func TestSecondFactorInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	script := axe(t)
	b := newBrowser(t, w)
	b.signsIn("ana")
	b.judges(script, "factor off", "/settings/factor")
	app := b.turnsOn()
	b.finds("Vos codes de secours", "est activée")
	b.fits("the recovery codes", 1280)
	b.photographs("factor recovery 1280")
	b.accessible(script, "the recovery codes")
	b.narrow()
	b.fits("the recovery codes", 360)
	b.photographs("factor recovery 360")
	b.judges(script, "factor on", "/settings/factor")
	b.judges(script, "factor on", "/settings/sessions")
	b.judges(script, "factor on", "/settings/address")

	b = newBrowser(t, w)
	w.pass(time.Minute)
	b.signsIn("ana")
	b.finds("Entrez votre code")
	b.judges(script, "factor code", "/sign-in/code")
	b.fills("#code", "000000")
	b.presses(`main form button`)
	b.finds("Ce code n’est pas le bon")
	b.photographs("factor code wrong")
	b.accessible(script, "a wrong code")
	b.fills("#code", app.shows(t))
	b.presses(`main form button`)
	b.finds("Vous êtes connecté·e")
}

// turnsOn fills in the page that offers a second factor.
func (b *browser) turnsOn() phone {
	b.t.Helper()
	b.visits("/settings/factor")
	secret, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.querySelector("code.link").textContent`))
	if err != nil {
		b.t.Fatal(err)
	}
	p := phone{b.w, strings.ReplaceAll(secret, " ", "")}
	b.fills("#password", password)
	b.fills("#code", p.shows(b.t))
	b.presses(`form[action="/settings/factor/on"] button`)
	return p
}

// narrow makes the window that of a phone.
func (b *browser) narrow() { b.do(chromedp.EmulateViewport(360, 900)) }
