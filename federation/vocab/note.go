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
	Themes      []Theme // of its community, under which it stands
	Attachments []Attachment
	Image       Image // what illustrates it: image, else icon

	Replies, Likes, Shares string
	Answers                []string // ids of replies in a list that has no address, and so stands here only (Pleroma)
	QuoteOf                string   // quote, quoteUrl, quoteUri or _misskey_quote
	QuoteApproval          string   // quoteAuthorization: the proof that it may quote
	Target, TargetOwner    string   // the collection that it was posted to (FEP-400e), and whose that is
	ApprovedBy             string   // GoToSocial: the proof that its reply was allowed

	// Who may answer, pass on and quote it unasked (interactionPolicy): Public, a collection of followers,
	// actors. Nil is not said; Mastodon lets nobody quote then.
	AnswerableBy, AnnounceableBy, QuotableBy []string

	// Of a QuoteAuthorization, ReplyApproval…: what is allowed, and towards what.
	InteractingObject, InteractionTarget string

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
	ClosedAt time.Time // when it ended, or will: Pleroma says so ahead
}

// PollOption is one answer and how many chose it.
type PollOption struct {
	Name  string
	Votes int
}

// ReadNote decodes a body that must be something posted.
func ReadNote(body []byte) (Note, error) {
	d, err := Decode(body)
	if err != nil {
		return Note{}, err
	}
	return d.Note()
}
