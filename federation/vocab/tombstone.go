package vocab

import "time"

// Tombstone stands where something was deleted.
type Tombstone struct {
	ID, FormerType string
	Deleted        time.Time
}

// Tombstone views the document as what remains of another.
func (d Document) Tombstone() (Tombstone, error) { return Tombstone{}, errUnread }

// Encode writes the tombstone as a document of its own.
func (t Tombstone) Encode() ([]byte, error) { return nil, errUnread }
