package vocab

import "time"

// Note is anything posted: Note, Page, Article, Question, Event, Video, Document…
type Note struct {
	ID, Type     string
	AttributedTo string   // the first author, or of several the first that is not a Group
	Authors      []string // all of attributedTo

	InReplyTo, Context, Conversation, URL string

	Name, Content, Summary, Source, SourceType, MediaType string

	Language                        string // of content: contentMap, Lemmy's language or inLanguage
	ContentMap, NameMap, SummaryMap map[string]string
	Sensitive                       bool

	To, Cc, Audience []string

	Published, Updated, StartTime, EndTime time.Time

	Tags        []Tag
	Attachments []Attachment
	Image       Image // what illustrates it: image, else icon

	Replies, Likes, Shares string
	QuoteOf                string // quote, quoteUrl, quoteUri or _misskey_quote
	Target                 string // the collection that it was posted to (FEP-400e)
	ApprovedBy             string // GoToSocial: the proof that its reply was allowed

	CommentsEnabled *bool // false: locked; nil: not said
	Stickied        bool  // pinned, in Lemmy's older words
	Distinguished   bool  // Lemmy: said as a moderator

	Poll  *Poll  // of a Question
	Event *Event // of an Event

	Raw []byte // the bytes it was read from
}

// Poll is what a Question asks.
type Poll struct {
	Multiple bool
	Options  []PollOption
	Voters   int
	Closed   bool
	ClosedAt time.Time // zero if it is only said that it is closed
}

// PollOption is one answer and how many chose it.
type PollOption struct {
	Name  string
	Votes int
}

// Tag is a Mention, Hashtag, Emoji or Link.
type Tag struct {
	Type, Name, Href string
	ID, Icon         string // Emoji: its id and the address of its picture
	MediaType, Rel   string // Link
}

// Attachment is a file, a picture or a link that comes with a post.
type Attachment struct {
	Type, MediaType, URL, Name, Blurhash string

	Width, Height int
	FocalPoint    *[2]float64

	Value string // PropertyValue: what a profile or an event says of itself
}

// Image is a picture that stands for something.
type Image struct {
	URL, MediaType, Name string
	Width, Height        int
}

// Note views the document as something posted.
func (d Document) Note() (Note, error) { return Note{}, errUnread }

// ReadNote decodes a body that must be something posted.
func ReadNote(body []byte) (Note, error) {
	d, err := Decode(body)
	if err != nil {
		return Note{}, err
	}
	return d.Note()
}

// Encode writes the note as a document of its own.
func (n Note) Encode() ([]byte, error) { return nil, errUnread }
