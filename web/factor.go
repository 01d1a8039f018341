package web

import (
	"encoding/base64"
	"html/template"
	"strings"

	"passerelles/accounts"
)

var factorWords = map[accounts.FactorKind]string{
	accounts.TurnedOn:     "factor.change.on",
	accounts.TurnedOff:    "factor.change.off",
	accounts.TakenAway:    "factor.change.taken",
	accounts.NewCodes:     "factor.change.codes",
	accounts.UsedRecovery: "factor.change.recovery",
	accounts.AddedPasskey: "factor.change.passkey",
	accounts.EndedPasskey: "factor.change.passkey.end",
}

type factorPage struct {
	accounts.FactorStand
	Offer accounts.Offer // while it is off
	Keys  []accounts.Passkey
	Named string // the passkey that is to be
	Error string
	Act   string // of the form that was wrong
}

// Picture is the offer as a picture in the page itself, so that nobody keeps it.
func (p factorPage) Picture() template.URL {
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(p.Offer.Picture))
}

// Link opens an app on the same device.
func (p factorPage) Link() template.URL { return template.URL(p.Offer.Address) }

// Secret is the offer in fours, as people copy it.
func (p factorPage) Secret() string {
	var b strings.Builder
	for i, r := range p.Offer.Secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Why is what was wrong with one of the forms.
func (p factorPage) Why(act string) string {
	if act != p.Act {
		return ""
	}
	return p.Error
}

// factor shows how a member's second factor stands, and offers one.
func (h *Handler) factor(v *visit) error {
	body, err := h.factorPage(v)
	if err != nil {
		return err
	}
	return h.show(v, "factor", page{Title: "factor.title", Hidden: true, Body: body})
}

func (h *Handler) factorPage(v *visit) (p factorPage, err error) {
	if p.FactorStand, err = h.Accounts.Factor(v.r.Context(), v.member.ID); err != nil {
		return p, err
	}
	if p.On {
		p.Keys, err = h.Accounts.Passkeys(v.r.Context(), v.member.ID)
		return p, err
	}
	p.Offer, err = h.Accounts.OfferFactor(*v.member)
	return p, err
}

// factorAgain shows what was wrong, with the same offer: the app has it by now.
func (h *Handler) factorAgain(v *visit, act string, err error) error {
	form, other := h.factorPage(v)
	if other != nil {
		return other
	}
	if act == "on" && !form.On {
		if offer, other := h.Accounts.OfferAgain(*v.member, v.r.PostFormValue("offer")); other == nil {
			form.Offer = offer
		}
	}
	form.Act, form.Named = act, v.r.PostFormValue("name")
	return h.formAgain(v, err, &form.Error, "factor", page{Title: "factor.title", Hidden: true, Body: &form})
}

type recoveryPage struct {
	On    bool // the factor was turned on just now
	Codes []string
}

// turnOnFactor shows the recovery codes in its answer, and nowhere after.
func (h *Handler) turnOnFactor(v *visit) error {
	codes, err := h.Accounts.TurnOnFactor(v.r.Context(), *v.member,
		accounts.Turning{Sealed: v.r.PostFormValue("offer"), Credentials: credentialsOf(v, "password"), Session: v.session})
	if err != nil {
		return h.factorAgain(v, "on", err)
	}
	if err := h.sessions.RenewToken(v.r.Context()); err != nil {
		return err
	}
	return h.show(v, "recovery", page{Title: "recovery.title", Hidden: true, Body: recoveryPage{true, codes}})
}

// newRecoveries likewise.
func (h *Handler) newRecoveries(v *visit) error {
	codes, err := h.Accounts.NewRecoveries(v.r.Context(), *v.member, credentialsOf(v, "password"))
	if err != nil {
		return h.factorAgain(v, "codes", err)
	}
	return h.show(v, "recovery", page{Title: "recovery.title", Hidden: true, Body: recoveryPage{false, codes}})
}

func (h *Handler) turnOffFactor(v *visit) error {
	if err := h.Accounts.TurnOffFactor(v.r.Context(), *v.member, credentialsOf(v, "password")); err != nil {
		return h.factorAgain(v, "off", err)
	}
	return h.done(v, "done.factor.off", "/settings/factor")
}
