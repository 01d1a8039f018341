package streaming

import (
	"context"
	"slices"

	"passerelles/access"
	"passerelles/actors"
)

// Lists of which the audience is asked, in the words of timelines.
const (
	inHome   = "home"
	inLocal  = "local"
	inPublic = "public"
	inDirect = "direct"
)

// listOf is where a post must stand to be heard in a kind of stream.
var listOf = map[string]string{"user": inHome, "public": inLocal, "public:media": inLocal, "public:local": inLocal, "public:local:media": inLocal,
	"hashtag": inPublic, "hashtag:local": inPublic, "direct": inDirect}

// news is what happened, sorted.
type news struct {
	fresh, edited, gone []int64
	shared              []int64 // boosts
	told                []happening
	unshared            []happening
	filtering           []actors.ID // whose filters changed
}

func sorted(all []happening) (n news) {
	put := func(list *[]int64, id int64) {
		if !slices.Contains(*list, id) {
			*list = append(*list, id)
		}
	}
	for _, h := range all {
		switch h.Kind {
		case "new":
			put(&n.fresh, h.Thing)
		case "edited":
			put(&n.edited, h.Thing)
		case "gone":
			put(&n.gone, h.Thing)
		case "shared":
			put(&n.shared, h.Thing)
		case "told":
			n.told = append(n.told, h)
		case "unshared":
			n.unshared = append(n.unshared, h)
		case "filters":
			if !slices.Contains(n.filtering, h.Reader) {
				n.filtering = append(n.filtering, h.Reader)
			}
		}
	}
	isNew := func(id int64) bool { return slices.Contains(n.fresh, id) }
	n.edited = slices.DeleteFunc(n.edited, isNew) // it is told as it reads now
	return n
}

// ear is one stream of one line.
type ear struct {
	line *Line
	stream
}

// round is one telling of what happened, to those who listen now.
type round struct {
	*Service
	ears   map[string][]ear // by kind
	frames map[frameKey]*Frame
	plain  map[int64]Shown               // as everybody reads it
	own    map[actors.ID]map[int64]Shown // as one reader does
	apart  map[int64][]actors.ID         // to whom a post reads otherwise than to everybody
}

type frameKey struct{ stream, event, payload string }

// tell tells some of what happened.
func (s *Service) tell(ctx context.Context, all []happening) error {
	r := &round{Service: s, ears: map[string][]ear{}, frames: map[frameKey]*Frame{}, own: map[actors.ID]map[int64]Shown{}}
	for _, l := range s.all() {
		for _, f := range l.hears() {
			r.ears[f.kind] = append(r.ears[f.kind], ear{l, f})
		}
	}
	n := sorted(all)
	r.filters(n.filtering)
	if err := r.render(ctx, slices.Concat(n.fresh, n.edited)); err != nil {
		return err
	}
	for _, step := range []struct {
		event string
		posts []int64
	}{{"delete", n.gone}, {"update", n.fresh}, {"status.update", n.edited}} {
		if err := r.posts(ctx, step.event, step.posts); err != nil {
			return err
		}
	}
	if err := r.boosts(ctx, n.shared); err != nil {
		return err
	}
	if err := r.unshared(ctx, n.unshared); err != nil {
		return err
	}
	return r.notices(ctx, n.told)
}

// boosts tells who follows those who share something.
func (r *round) boosts(ctx context.Context, boosts []int64) error {
	ears := r.ears["user"]
	if len(boosts) == 0 || len(ears) == 0 {
		return nil
	}
	found, err := r.Sharing(ctx, boosts, membersOf(ears))
	if err != nil {
		return err
	}
	for _, boost := range boosts {
		for _, e := range ears {
			if !slices.Contains(found[boost], e.line.Member) {
				continue
			}
			payload, err := r.words.Shared(ctx, access.Reader{ID: e.line.Member}, boost)
			if err != nil {
				return err
			}
			if payload != "" {
				e.line.push(r.frame(e.stream, "update", payload))
			}
		}
	}
	return nil
}

// render words what everybody may read once for all; who likes a post, keeps it, filters, or shuns who is quoted
// reads it otherwise.
func (r *round) render(ctx context.Context, posts []int64) (err error) {
	if len(posts) == 0 {
		return nil
	}
	if r.plain, err = r.words.Shown(ctx, access.Reader{}, posts); err != nil {
		return err
	}
	var readers []actors.ID
	for _, ears := range r.ears {
		readers = append(readers, membersOf(ears)...)
	}
	r.apart, err = apart(ctx, r.DB, posts, readers)
	return err
}

func membersOf(ears []ear) (all []actors.ID) {
	seen := map[actors.ID]bool{}
	for _, e := range ears {
		if !seen[e.line.Member] {
			seen[e.line.Member] = true
			all = append(all, e.line.Member)
		}
	}
	return all
}

// shown is a post as a reader reads it; none where they may not.
func (r *round) shown(ctx context.Context, reader actors.ID, post int64) (Shown, bool, error) {
	if plain, ok := r.plain[post]; ok && !slices.Contains(r.apart[post], reader) {
		return plain, true, nil
	}
	if _, asked := r.own[reader]; !asked {
		r.own[reader] = map[int64]Shown{}
	}
	own, asked := r.own[reader][post]
	if !asked {
		all, err := r.words.Shown(ctx, access.Reader{ID: reader}, []int64{post})
		if err != nil {
			return Shown{}, false, err
		}
		own = all[post]
		r.own[reader][post] = own
	}
	return own, own.Status != "", nil
}

// posts tells an event of posts to each stream where they stand.
func (r *round) posts(ctx context.Context, event string, posts []int64) error {
	if len(posts) == 0 {
		return nil
	}
	byList := map[string][]ear{}
	for kind, list := range listOf {
		byList[list] = append(byList[list], r.ears[kind]...)
	}
	for _, list := range []string{inHome, inLocal, inPublic, inDirect} {
		ears := byList[list]
		found, err := r.Audience(ctx, list, posts, membersOf(ears), event == "delete")
		if err != nil {
			return err
		}
		for _, post := range posts {
			if err := r.post(ctx, event, post, found[post], ears); err != nil {
				return err
			}
		}
	}
	return r.lists(ctx, event, posts)
}

// post tells of one post to those of the streams whose readers find it there.
func (r *round) post(ctx context.Context, event string, post int64, readers []actors.ID, ears []ear) error {
	finds := make(map[actors.ID]bool, len(readers))
	for _, reader := range readers {
		finds[reader] = true
	}
	for _, e := range ears {
		if !finds[e.line.Member] {
			continue
		}
		if err := r.say(ctx, e, event, post); err != nil {
			return err
		}
	}
	return nil
}

// say tells one stream of one post.
func (r *round) say(ctx context.Context, e ear, event string, post int64) error {
	if event == "delete" {
		names := r.words.Names(post)
		if e.kind != "user" {
			names = names[:1]
		}
		for _, name := range names {
			e.line.push(r.frame(e.stream, event, name))
		}
		return nil
	}
	if e.kind == "direct" {
		talk, err := r.words.Talk(ctx, e.line.Member, post)
		if err == nil && talk != "" {
			e.line.push(r.frame(e.stream, "conversation", talk))
		}
		return err
	}
	as, may, err := r.shown(ctx, e.line.Member, post)
	if err != nil || !may || e.tag != "" && !slices.Contains(as.Tags, e.tag) || e.kind == "hashtag:local" && !as.Local || e.media() && !as.Media {
		return err
	}
	payload := as.Status
	if event == "update" && (e.kind == "user" || e.kind == "list") {
		payload = as.Home
	}
	e.line.push(r.frame(e.stream, event, payload))
	return nil
}

// frame gives the same frame to all streams of the same names.
func (r *round) frame(f stream, event, payload string) *Frame {
	key := frameKey{f.key(), event, payload}
	if r.frames[key] == nil {
		r.frames[key] = newFrame(f.names, event, payload)
	}
	return r.frames[key]
}

// lists tells those who hear lists of their own.
func (r *round) lists(ctx context.Context, event string, posts []int64) error {
	ears := r.ears["list"]
	if len(ears) == 0 {
		return nil
	}
	var lists []int64
	for _, e := range ears {
		lists = append(lists, e.list)
	}
	found, err := r.Listed(ctx, lists, posts, event == "delete")
	if err != nil {
		return err
	}
	for _, e := range ears {
		for _, post := range found[e.list] {
			if err := r.say(ctx, e, event, post); err != nil {
				return err
			}
		}
	}
	return nil
}

// notices tells members what they were told.
func (r *round) notices(ctx context.Context, told []happening) error {
	for _, h := range told {
		var hear []ear
		for _, kind := range []string{"user", "user:notification"} {
			for _, e := range r.ears[kind] {
				if e.line.Member == h.Reader && e.line.Scopes.Allow(readNotifications) {
					hear = append(hear, e)
				}
			}
		}
		if len(hear) == 0 {
			continue
		}
		payload, err := r.words.Told(ctx, h.Reader, h.Thing)
		if err != nil {
			return err
		}
		for _, e := range hear {
			if payload != "" {
				e.line.push(r.frame(e.stream, "notification", payload))
			}
		}
	}
	return nil
}
