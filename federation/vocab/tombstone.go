package vocab

import (
	"time"

	ap "github.com/go-ap/activitypub"
)

// Tombstone stands where something was deleted.
type Tombstone struct {
	ID, FormerType string
	Deleted        time.Time
}

// Tombstone views the document as what remains of another.
func (d Document) Tombstone() (Tombstone, error) {
	d, err := d.as(KindTombstone)
	if err != nil {
		return Tombstone{}, err
	}
	return Tombstone{ID: d.ID, FormerType: shortType(d.root.get("formerType").text()), Deleted: d.root.get("deleted").time()}, nil
}

// Encode writes the tombstone as a document of its own.
func (t Tombstone) Encode() ([]byte, error) { return withContextOf(t.bare()) }

// Embed writes the tombstone to stand inside the Delete that puts it there.
func (t Tombstone) Embed() (Ref, error) { return embed(t.ID, string(ap.TombstoneType))(t.bare()) }

func (t Tombstone) bare() ([]byte, error) {
	if err := legible(t.ID); err != nil {
		return nil, err
	}
	return encode(&ap.Tombstone{
		ID: ap.IRI(t.ID), Type: ap.TombstoneType,
		FormerType: ap.ActivityVocabularyType(t.FormerType), Deleted: t.Deleted.UTC(),
	}, nil)
}
