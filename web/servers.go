package web

import (
	"strings"

	"passerelles/access"
	"passerelles/fault"
)

type serversPage struct {
	ListedOnly bool
	Policies   []access.Policy
	Decisions  []string
}

// decisions are what a form may decide about a server.
var decisions = map[string]access.Policy{
	"silence": {Policy: access.Silenced},
	"suspend": {Policy: access.Suspended},
	"media":   {RejectMedia: true},
	"allow":   {Listed: true},
}

var decisionWords = map[string]string{
	"silence": "servers.decision.silence", "suspend": "servers.decision.suspend",
	"media": "servers.decision.media", "allow": "servers.decision.allow",
}

// servers shows what is decided about other servers.
func (h *Handler) servers(v *visit) error {
	ctx := v.r.Context()
	only, err := h.Hosts.ListedOnly(ctx)
	if err != nil {
		return err
	}
	all, err := h.Hosts.List(ctx)
	if err != nil {
		return err
	}
	return h.show(v, "servers", page{Title: "servers.title", Hidden: true,
		Body: serversPage{only, all, []string{"silence", "suspend", "media", "allow"}}})
}

// decideServer decides something about one, or takes it back.
func (h *Handler) decideServer(v *visit) error {
	host, decision := strings.TrimSpace(v.r.PostFormValue("host")), v.r.PostFormValue("decision")
	if host == "" {
		return fault.New(fault.Invalid, "Say for which server.")
	}
	var err error
	switch p, ok := decisions[decision]; {
	case ok:
		p.Host, p.Reason = host, v.r.PostFormValue("reason")
		err = h.Moderation.DecideHost(v.r.Context(), v.by(), p)
	case decision == "restore":
		err = h.Moderation.RestoreHost(v.r.Context(), v.by(), host)
	case decision == "disallow":
		err = h.Moderation.UnlistHost(v.r.Context(), v.by(), host)
	default:
		err = fault.New(fault.Invalid, "Say what is decided.")
	}
	if err != nil {
		return err
	}
	return h.done(v, "done.decided", "/admin/servers")
}

// serversMode says whether only servers that are listed are talked to.
func (h *Handler) serversMode(v *visit) error {
	if err := h.Moderation.SetListedOnly(v.r.Context(), v.by(), v.r.PostFormValue("mode") == "list"); err != nil {
		return err
	}
	return h.done(v, "done.decided", "/admin/servers")
}

// importServers takes a list that was made elsewhere.
func (h *Handler) importServers(v *visit) error {
	done, err := h.Moderation.ImportHosts(v.r.Context(), v.by(), strings.NewReader(v.r.PostFormValue("list")))
	if err != nil {
		return err
	}
	if len(done.Skipped) > 0 {
		return h.done(v, "done.imported.partly", "/admin/servers")
	}
	return h.done(v, "done.imported.all", "/admin/servers")
}

// exportServers gives the list to be taken elsewhere.
func (h *Handler) exportServers(v *visit) error {
	var b strings.Builder
	if err := h.Moderation.ExportHosts(v.r.Context(), &b); err != nil {
		return err
	}
	head := v.w.Header()
	head.Set("Content-Type", "text/csv; charset=utf-8")
	head.Set("Content-Disposition", `attachment; filename="domain_blocks.csv"`)
	head.Set("Cache-Control", "private, no-store")
	_, _ = v.w.Write([]byte(b.String())) // fails only if who asked has gone
	return nil
}
