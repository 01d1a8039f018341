package vocab

// Collection is a list, or a page of one.
type Collection struct {
	ID, Type, AttributedTo string
	Name, Summary          string

	Total *int // nil: not said
	Items []Ref

	First, Next, Prev, Last, PartOf string

	FirstPage Ref  // the first page where it is embedded
	Ordered   bool // emit OrderedCollection(Page)

	Raw []byte // the bytes it was read from
}

// Collection views the document as a list.
func (d Document) Collection() (Collection, error) { return Collection{}, errUnread }

// ReadCollection decodes a body that must be a list.
func ReadCollection(body []byte) (Collection, error) {
	d, err := Decode(body)
	if err != nil {
		return Collection{}, err
	}
	return d.Collection()
}

// Encode writes the collection as a document of its own.
func (c Collection) Encode() ([]byte, error) { return nil, errUnread }
