package web

import (
	"net/url"
	"strconv"
	"strings"

	"passerelles/acts"
)

const actsPerPage = 50

type actsPage struct {
	Rows  []acts.Act
	Kinds []acts.Kind
	Kind  acts.Kind // those that are shown; "": all
	Name  string    // of who did them; "": whoever
	More  string
}

// acts shows administrators what administrators did.
func (h *Handler) acts(v *visit) error {
	asked := v.r.URL.Query()
	body := actsPage{Kinds: acts.Kinds(), Kind: acts.Kind(asked.Get("kind")), Name: strings.TrimPrefix(strings.TrimSpace(asked.Get("name")), "@")}
	all, err := acts.List(v.r.Context(), h.DB, acts.Wanted{Before: v.before(), Kind: body.Kind, Name: body.Name, Limit: actsPerPage + 1})
	if err != nil {
		return err
	}
	if len(all) > actsPerPage {
		all = all[:actsPerPage]
		next := url.Values{"before": {strconv.FormatInt(all[actsPerPage-1].ID, 10)}}
		if body.Kind != "" {
			next.Set("kind", string(body.Kind))
		}
		if body.Name != "" {
			next.Set("name", body.Name)
		}
		body.More = "/admin/acts?" + next.Encode()
	}
	body.Rows = all
	return h.show(v, "acts", page{Title: "acts.title", Hidden: true, Body: body})
}

// doneWords say what was done.
var doneWords = map[acts.Kind]string{
	acts.CreateAccount:   "acts.account.create",
	acts.SuspendAccount:  "acts.account.suspend",
	acts.RestoreAccount:  "acts.account.restore",
	acts.SetPassword:     "acts.account.password",
	acts.TakeFactor:      "acts.account.factor",
	acts.SetAddress:      "acts.account.address",
	acts.SetPicture:      "acts.account.picture",
	acts.IssueToken:      "acts.account.token",
	acts.ExportAccount:   "acts.account.export",
	acts.DeleteAccount:   "acts.account.delete",
	acts.AcceptSignUp:    "acts.signup.accept",
	acts.DeclineSignUp:   "acts.signup.decline",
	acts.MakeInvitation:  "acts.invitation.make",
	acts.EndInvitation:   "acts.invitation.end",
	acts.ChangeSettings:  "acts.settings.change",
	acts.CreateCommunity: "acts.community.create",
	acts.AppointOwner:    "acts.community.appoint",
	acts.SuspendServer:   "acts.server.suspend",
	acts.SilenceServer:   "acts.server.silence",
	acts.RejectMedia:     "acts.server.media",
	acts.AllowServer:     "acts.server.allow",
	acts.DisallowServer:  "acts.server.disallow",
	acts.RestoreServer:   "acts.server.restore",
	acts.ChangeMode:      "acts.server.mode",
	acts.RetryLetters:    "acts.deliveries.retry",
	acts.DropLetters:     "acts.deliveries.drop",
	acts.Pause:           "acts.deliveries.pause",
	acts.Resume:          "acts.deliveries.resume",
	acts.SettleReport:    "acts.report.settle",
	acts.RotateKeys:      "acts.keys.rotate",
	acts.Backup:          "acts.backup.make",
	acts.Restore:         "acts.backup.restore",
}
