package web

import (
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/fault"
)

// standsAsAccount says whether a person of ours is suspended, and whether the reader may
// change that. For others than administrators, who is suspended is not there.
func (h *Handler) standsAsAccount(v *visit, a actors.Actor) (suspended, admin bool, err error) {
	if !a.Local() {
		return false, false, nil
	}
	admin = v.member != nil && v.member.Admin && v.member.ID != a.ID
	err = h.Accounts.Admitted(v.r.Context(), a.ID)
	if !fault.Is(err, fault.Forbidden) {
		return false, admin, err
	}
	if !admin {
		return true, false, fault.New(fault.NotFound, "There is nothing at this address.")
	}
	return true, true, nil
}

// hasFactor tells administrators whether somebody has a second factor.
func (h *Handler) hasFactor(v *visit, a actors.Actor, admin bool) (bool, error) {
	if !admin {
		return false, nil
	}
	m, err := h.Accounts.ByID(v.r.Context(), a.ID)
	return m.Factor, err
}

// suspend keeps a member from signing in, and hides what they wrote.
func (h *Handler) suspend(v *visit) error {
	m, err := h.account(v)
	if err != nil {
		return err
	}
	if err := h.Accounts.Suspend(v.r.Context(), v.by(), m.ID, v.r.PostFormValue("reason")); err != nil {
		return err
	}
	return h.done(v, "done.suspended", "/@"+m.Name)
}

// restore takes it back.
func (h *Handler) restore(v *visit) error {
	m, err := h.account(v)
	if err != nil {
		return err
	}
	if err := h.Accounts.Restore(v.r.Context(), v.by(), m.ID); err != nil {
		return err
	}
	return h.done(v, "done.restored", "/@"+m.Name)
}

func (h *Handler) account(v *visit) (accounts.Member, error) {
	return h.Accounts.ByName(v.r.Context(), pathVar(v.r, "name"))
}
