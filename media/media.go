// Package media keeps the files that members attach to posts, and shows pictures of other
// servers from an address of ours, so that no reader is seen by servers that the reader did
// not choose to visit.
//
// Take keeps a file until Hang puts it on a post, in the transaction that writes the post.
// Whoever may see the post may have the file, or who has a grant for it (grant.go). Portray
// makes of a picture the portrait of a person or a community (portrait.go).
//
// Address gives the signed address of a picture that a page shows; Find reads such
// an address back and Sees asks whether the reader may see what the picture hangs
// on. Open gives our copy, made when it is first asked for: fetched under the guard
// of package federation, decoded within bounds, made smaller and written anew, so
// that nothing of the file goes on but what is seen. PostgreSQL has a row for each
// copy, the folder a file named by its content; Sweep and Tidy throw away what was
// not looked at for longest, and what may not be here any more.
package media

import (
	"log/slog"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"passerelles/access"
	"passerelles/federation"
	"passerelles/storage"
)

const (
	// One host gets 3 of 60 places: a slow one holds up a twentieth of the others.
	fetchesAtOnce = 60
	fetchesToHost = 3
	fetchesDue    = 500              // that may wait for a place
	longestWait   = 10 * time.Second // for a place
	patience      = 55 * time.Second // for all of it: the site gives an answer 60
)

// Options are what the service is made of.
type Options struct {
	DB     *storage.DB
	Client *federation.Client
	Hosts  *access.Hosts
	Folder string           // where copies lie; made when the first is written
	Key    []byte           // signs addresses
	Room   int64            // bytes that all copies may take
	Shelf  string           // where the files of members lie; made when the first is written
	Files  Limits           // what members may attach
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger     // nil: none
}

// Service keeps files and shows pictures of other servers.
type Service struct {
	Options
	flights  singleflight.Group
	due      *semaphore.Weighted // who fetches or waits to
	fetching *semaphore.Weighted
	decoding *semaphore.Weighted // in pixels: what is decoded at one time fits in memory
	hosts    hostSlots
	folder   folder
	shelf    shelf
	patience time.Duration // but for tests
	wait     time.Duration // but for tests
}

// New makes the service.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{
		Options: o, folder: newFolder(o.Folder), shelf: shelf{newFolder(o.Shelf)}, patience: patience, wait: longestWait,
		due:      semaphore.NewWeighted(fetchesDue),
		fetching: semaphore.NewWeighted(fetchesAtOnce),
		decoding: semaphore.NewWeighted(MostPixels),
		hosts:    hostSlots{most: fetchesToHost},
	}
}
