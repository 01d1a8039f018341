package vocab

import "slices"

// Event is what a Note of type Event adds, in the words of Mobilizon and FEP-8a8e.
type Event struct {
	Timezone string // IANA name
	Location *Place
	Online   bool
	JoinURL  string // where to attend from afar (VirtualLocation)

	JoinMode    string   // free, restricted, invite, external
	ExternalURL string   // where to register, when JoinMode is external
	Status      string   // CONFIRMED, TENTATIVE, CANCELLED
	Category    string   // a word of Mobilizon's list
	Organizers  []string // the actors who hold it: Mobilizon's actor first

	Capacity, Participants int // 0: not said
}

// Place is where something happens.
type Place struct {
	ID, Name                                      string
	Street, Locality, Region, PostalCode, Country string
	Address                                       string // in one line, if that is how it came
	Latitude, Longitude                           float64
	Located                                       bool // whether the two above mean something
}

// event reads what an Event adds to a post.
func (v value) event(name string) *Event {
	if name != "Event" {
		return nil
	}
	e := &Event{
		Timezone:     v.get("timezone").text(),
		Online:       v.get("isOnline").truth(),
		JoinMode:     v.get("joinMode").text(),
		ExternalURL:  v.get("externalParticipationUrl").iri(),
		Status:       v.get("ical:status", "eventStatus", "status").text(),
		Category:     v.get("category").text(),
		Capacity:     v.get("maximumAttendeeCapacity").whole(),
		Participants: v.get("participantCount").whole(),
	}
	v.get("location").each(func(l value) bool {
		switch name, _ := l.kindOf(); {
		case name == "VirtualLocation":
			e.JoinURL = textIRI(l.get("url", "href"))
		case e.Location == nil:
			e.Location = l.place()
		}
		return true
	})
	for _, who := range []value{v.get("actor"), v.get("organizers")} {
		if iris, err := who.iris(maxKeysRead); err == nil { // a longer list is no list of organisers
			for _, iri := range iris {
				if !slices.Contains(e.Organizers, iri) {
					e.Organizers = append(e.Organizers, iri)
				}
			}
		}
	}
	return e
}

func textIRI(v value) string { return v.best("text/html").URL }

// place reads a location: a Place, or one line of text.
func (v value) place() *Place {
	if !v.is('{') {
		if text := v.plain(); text != "" {
			return &Place{Name: text}
		}
		return nil
	}
	p := &Place{ID: clean(v.get("id").plain()), Name: v.get("name").text()}
	switch a := v.get("address"); {
	case a.is('{'):
		p.Street, p.Locality = a.get("streetAddress").text(), a.get("addressLocality").text()
		p.Region, p.PostalCode = a.get("addressRegion").text(), a.get("postalCode").text()
		p.Country = a.get("addressCountry").text()
	default:
		p.Address = a.text()
	}
	if geo := v.get("geo"); !v.get("latitude").present() && geo.is('{') {
		v = geo
	}
	lat, ok := v.get("latitude").number()
	long, also := v.get("longitude").number()
	if ok && also && lat >= -90 && lat <= 90 && long >= -180 && long <= 180 {
		p.Latitude, p.Longitude, p.Located = lat, long, true
	}
	return p
}
