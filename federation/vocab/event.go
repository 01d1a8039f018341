package vocab

// Event is what a Note of type Event adds, in the words of Mobilizon and FEP-8a8e.
type Event struct {
	Timezone string // IANA name
	Location *Place
	Online   bool
	JoinURL  string // where to attend from afar (VirtualLocation)

	JoinMode    string // free, restricted, invite, external
	ExternalURL string // where to register, when JoinMode is external
	Status      string // CONFIRMED, TENTATIVE, CANCELLED
	Category    string
	Organizers  []string

	Capacity, Participants int // 0: not said
}

// Place is where something happens.
type Place struct {
	Name                                          string
	Street, Locality, Region, PostalCode, Country string
	Address                                       string // in one line, if that is how it came
	Latitude, Longitude                           float64
	Located                                       bool // whether the two above mean something
}
