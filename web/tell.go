package web

import "passerelles/posts"

// untold says whether a member is first to be told that what they publish leaves the server,
// as the law wants it. A script that comes with a token has been told by who made it.
func (h *Handler) untold(v *visit) (bool, error) {
	if v.member.Told || v.session == 0 {
		return false, nil
	}
	if v.r.PostFormValue("told") == "" {
		return true, nil
	}
	return false, h.Accounts.NoteTold(v.r.Context(), v.member.ID)
}

// tell shows what was written once more, and says before it is published where it goes.
func (h *Handler) tell(v *visit, form composer, context *posts.Post, err error) error {
	if err != nil {
		return err
	}
	form.Tell = true
	if err := h.keep(v, &form); err != nil {
		return err
	}
	return h.show(v, "write", page{Title: "write.first", Hidden: true, Body: writePage{form, context}})
}
