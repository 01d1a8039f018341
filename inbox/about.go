package inbox

import "passerelles/federation/vocab"

// about gives the post whose text an activity may carry, wrapped or not, "" for none.
func (e envelope) about() string { return about(e.Activity) }

func about(a vocab.Activity) string {
	switch a.Type {
	case "Create", "Update":
		return a.Object.ID
	case "QuoteRequest":
		return a.Instrument.ID // the post that quotes; of ours there is only the address
	}
	inner, err := activityIn(a.Object)
	switch {
	case err == nil:
		return about(inner)
	case a.Object.Raw == nil && a.Type != "Announce":
		return "" // it is only named
	}
	return a.Object.ID // the post itself, or a link to what is announced
}
