package inbox

import "passerelles/federation/vocab"

// about gives the post whose text an activity may carry, wrapped or not, "" for none.
func (e envelope) about() string { return about(e.Activity) }

func about(a vocab.Activity) string {
	switch a.Type {
	case "Create", "Update":
		return a.Object.ID
	case "Announce":
		inner, err := activityIn(a.Object)
		if err != nil {
			return a.Object.ID // a link, or the post itself
		}
		return about(inner)
	}
	return ""
}
