package streaming

import (
	"context"
	"strconv"
	"strings"

	"passerelles/fault"
	"passerelles/text"
)

// Rights that streams need.
const (
	readStatuses      = "read:statuses"
	readNotifications = "read:notifications"
)

// stream is what a line asked for, under the names that its frames carry.
type stream struct {
	names []string // the kind, and a tag or a list
	kind  string
	tag   string // folded
	list  int64
}

// Ask names a stream as apps do.
type Ask struct {
	Stream string `json:"stream"`
	Tag    string `json:"tag"`
	List   string `json:"list"`
}

// kinds are the streams that there are, with the right that each needs.
var kinds = map[string]string{
	"user": readStatuses, "user:notification": readNotifications, "public": readStatuses, "public:media": readStatuses,
	"public:local": readStatuses, "public:local:media": readStatuses, "public:remote": readStatuses, "public:remote:media": readStatuses,
	"hashtag": readStatuses, "hashtag:local": readStatuses, "list": readStatuses, "direct": readStatuses,
}

const mostStreams = 50 // of one line

var (
	errNoStream = fault.New(fault.Invalid, "There is no such stream.")
	errNoTag    = fault.New(fault.Invalid, "The stream of a tag needs the tag.")
	errNoList   = fault.New(fault.NotFound, "Record not found")
	errNoRight  = fault.New(fault.Forbidden, "This action is outside the authorized scopes")
	errStreams  = fault.New(fault.Invalid, "There are too many streams on this connection.")
)

// find reads what a caller asks for, and whether they may.
func (s *Service) find(ctx context.Context, c Caller, a Ask) (stream, error) {
	right, known := kinds[a.Stream]
	switch {
	case !known:
		return stream{}, errNoStream
	case !c.Scopes.Allow(right):
		return stream{}, errNoRight
	}
	found := stream{kind: a.Stream, names: []string{a.Stream}}
	switch {
	case strings.HasPrefix(a.Stream, "hashtag"):
		tag := strings.TrimPrefix(strings.TrimSpace(a.Tag), "#")
		if found.tag = text.FoldHashtag(tag); found.tag == "" || len(tag) > longestTag {
			return stream{}, errNoTag
		}
		found.names = append(found.names, tag)
	case a.Stream == "list":
		id, err := strconv.ParseInt(a.List, 10, 64)
		if err != nil {
			return stream{}, errNoList
		}
		if err := s.Owns(ctx, c.Member, id); err != nil {
			return stream{}, err
		}
		found.list = id
		found.names = append(found.names, a.List)
	}
	return found, nil
}

const longestTag = 400 // bytes

// key tells streams of a line apart.
func (f stream) key() string { return strings.Join(f.names, "\x00") }

// media says whether a stream holds only posts with pictures.
func (f stream) media() bool { return strings.HasSuffix(f.kind, ":media") }
