package actors

import (
	"path"

	"passerelles/federation"
	"passerelles/federation/vocab"
)

// Document is what other servers read of an actor of ours: the union of what
// Mastodon, Lemmy, Mobilizon and their kin ask for.
func Document(a Actor, keys []vocab.PublicKey, iris federation.IRIs) vocab.Actor {
	doc := vocab.Actor{
		ID: a.IRI, Type: a.Kind.Type(), PreferredUsername: a.Name, Name: a.DisplayName(),
		Summary: a.Summary, URL: a.URL, Icon: picture(a.Icon), Fields: a.written(),
		Inbox: a.Inbox, Outbox: a.Outbox, SharedInbox: iris.SharedInbox(),
		Followers: a.Followers, Following: a.Following, Featured: a.Featured, Moderators: a.Moderators, Members: a.Members,
		Openness: opennesses[a.Access], AccessType: accessTypes[a.Access],
		Keys: keys, Implements: federation.Implements,
		// A Group that approves its followers is private for Lemmy, which then
		// refuses its public posts: communities that are open leave this false.
		ManuallyApprovesFollowers: a.Approves || a.Access.Closed(),
		PostingRestrictedToMods:   a.Restricted,
		Discoverable:              a.Discoverable, Indexable: a.Indexable,
		Webfinger: a.Name + "@" + iris.Host(),
		Published: a.Published,
	}
	if a.Source != "" {
		doc.Source, doc.SourceType = a.Source, "text/markdown"
	}
	if a.RefreshedAt.After(a.Published) {
		doc.Updated = a.RefreshedAt
	}
	return doc
}

func picture(address string) vocab.Image {
	return vocab.Image{URL: address, MediaType: mediaTypes[path.Ext(address)]}
}

// mediaTypes are those of pictures that people upload here.
var mediaTypes = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif",
}
