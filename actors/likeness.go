package actors

import (
	"slices"

	"passerelles/text"
)

// Resembled gives those among others for whom somebody may be taken, by the name of their handle
// or the one that people read, in either place. Nobody is taken for themselves.
func Resembled(who Actor, others []Actor) (all []Actor) {
	mine := likenesses(who)
	for _, other := range others {
		if other.ID == who.ID {
			continue
		}
		theirs := likenesses(other)
		if slices.ContainsFunc(mine, func(m text.Likeness) bool { return slices.ContainsFunc(theirs, m.Like) }) {
			all = append(all, other)
		}
	}
	return all
}

func likenesses(a Actor) []text.Likeness {
	return []text.Likeness{text.LikenessOf(a.Name), text.LikenessOf(a.Title)}
}
