package web

import (
	"fmt"
	"hash/fnv"
	"html"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/communities"
	"passerelles/media"
	"passerelles/posts"
	"passerelles/text"
)

const (
	tileColours   = 12
	previewLength = 220 // characters
)

// tools are what templates may call.
func (h *Handler) tools(language string) template.FuncMap {
	return template.FuncMap{
		"t":         func(key string, args ...any) (string, error) { return h.words.say(language, key, args...) },
		"n":         func(key string, n int) (string, error) { return h.words.count(language, key, n) },
		"asset":     h.assetURL,
		"near":      func(at time.Time) (string, error) { return h.near(language, at) },
		"exact":     func(at time.Time) (string, error) { return h.exact(language, at) },
		"stamp":     func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		"path":      actorPath,
		"initials":  initials,
		"tile":      tile,
		"headline":  headline,
		"preview":   preview,
		"other":     func() string { return otherLanguage(language) },
		"kind":      func(kind string) (string, error) { return h.words.say(language, kinds[kind]) },
		"pollHours": pollHours, "days": func(hours int) int { return hours / 24 },
		"kinds":    func() []string { return []string{posts.Discussion, posts.News, posts.Question, posts.Call} },
		"quotable": func(by string) (string, error) { return h.words.say(language, quotableWords[by]) },
		"quoters":  func() []string { return posts.QuotedBy },
		"scope":    func(scope string) (string, error) { return h.words.say(language, scopes[scope]) },
		"level":    func(access actors.Access) (string, error) { return h.words.say(language, levels[access]) },
		"founders": func(f accounts.Founders) (string, error) { return h.words.say(language, founders[f]) },
		"role":     func(role string) (string, error) { return h.words.say(language, roles[role]) },
		"purge":    func(state string) (string, error) { return h.words.say(language, purges[state]) },
		"explain":  func(access actors.Access) (string, error) { return h.words.say(language, explained[access]) },
		"mode":     func(m accounts.Mode) (string, error) { return h.words.say(language, modes[m]) },
		"linked":   h.linked,
		"act":      func(name, words string) (string, error) { return h.words.say(language, actKey(name, words)) },
		"about":    aboutAct,
		"posters":  func(name string) (string, error) { return h.words.say(language, posterWords[name]) },
		"done":     func(k acts.Kind) (string, error) { return h.words.say(language, doneWords[k]) },
		"full":     h.address,
		"changed":  func(k accounts.FactorKind) (string, error) { return h.words.say(language, factorWords[k]) },
		"shownto":  func(name string) (string, error) { return h.words.say(language, shownWords[name]) },
		"decision": func(name string) (string, error) { return h.words.say(language, decisionWords[name]) },
		"safe":     safe,
		"avatar":   h.avatar,
		"banner":   h.banner,
		"address":  h.pictureAddress,
		"blur":     blur,
		"told":     func(n noticeLine) (string, error) { return h.noticed(language, n) },
		"list":     func(name string) (string, error) { return h.words.say(language, listWords[name]) },
		"how":      func(name string) (string, error) { return h.words.say(language, howWords[name]) },
		"shown":    func(all []media.File) []media.File { return filesThat(all, true) },
		"others":   func(all []media.File) []media.File { return filesThat(all, false) },
		"slots":    h.slots,
		"bytes":    func(n int64) (string, error) { return h.bytes(language, n) },
		"largest":  h.largestFile,
		"most":     h.mostFiles,
		"accepted": accepted,
		"keeps":    func(d actors.Discretion) (string, error) { return h.words.say(language, discretionWords[d]) },
		"policy":   func(name string) (string, error) { return h.words.say(language, policyWords[name]) },
		"next":     func(i int) int { return i + 1 },
		"typed":    typed,
		"among":    func(ids []int64, id int64) bool { return slices.Contains(ids, id) },
		"under":    themePath,
	}
}

// safe marks as HTML what package text has cleaned: the content of a post and
// what an actor says of itself. Nothing else may go through it.
func safe(cleaned string) template.HTML { return template.HTML(cleaned) }

var kinds = map[string]string{
	posts.News: "kind.news", posts.Discussion: "kind.discussion", posts.Question: "kind.question", posts.Call: "kind.call",
}

// scopes answer who will see it.
var scopes = map[string]string{posts.Public: "scope.public", posts.Members: "scope.members", posts.Animators: "scope.animators"}

var levels = map[actors.Access]string{actors.Open: "level.open", actors.ForMembers: "level.members", actors.Confidential: "level.confidential"}

// explained says what each level means, in the words in which one chooses it.
var explained = map[actors.Access]string{actors.Open: "level.open.what", actors.ForMembers: "level.members.what",
	actors.Confidential: "level.confidential.what"}
var roles = map[string]string{communities.RoleMember: "role.member", communities.RoleAnimator: "role.animator", communities.RoleOwner: "role.owner"}
var purges = map[string]string{communities.PurgeAsked: "purges.waits", communities.PurgeAcknowledged: "purges.done", communities.PurgeUnanswered: "purges.silent"}
var founders = map[accounts.Founders]string{accounts.Administrators: "founders.admins", accounts.EveryMember: "founders.members"}
var modes = map[accounts.Mode]string{accounts.Closed: "mode.closed", accounts.Invitation: "mode.invitation",
	accounts.Approval: "mode.approval", accounts.Open: "mode.open"}

// linked makes links of what in a text leads to pages of ours.
func (h *Handler) linked(plain string) template.HTML {
	var b strings.Builder
	for i, word := range ourLinks(plain, h.Origin) {
		escaped := html.EscapeString(word)
		if i%2 == 1 {
			escaped = `<a href="` + escaped + `">` + escaped + `</a>`
		}
		b.WriteString(escaped)
	}
	return template.HTML(b.String())
}

// ourLinks cuts a text into words and, at each odd place, an address of ours.
func ourLinks(plain, origin string) (cut []string) {
	for {
		at := strings.Index(plain, origin+"/")
		if at < 0 {
			return append(cut, plain)
		}
		end := at + len(plain[at:])
		if space := strings.IndexAny(plain[at:], " \n\t"); space >= 0 {
			end = at + space
		}
		cut = append(cut, plain[:at], plain[at:end])
		plain = plain[end:]
	}
}

func (h *Handler) assetURL(name string) (string, error) {
	a, ok := h.static[name]
	if !ok {
		return "", fmt.Errorf("there is no %s in static", name)
	}
	return a.url, nil
}

// actorPath is our page of a person or a community, of ours or of others.
func actorPath(a actors.Actor) string {
	handle := strings.TrimPrefix(a.Handle(), "@")
	if a.Kind == actors.Group {
		return "/c/" + handle
	}
	return "/@" + handle
}

func postPath(id int64) string { return fmt.Sprintf("/posts/%d", id) }

// initials are at most two letters of a title.
func initials(title string) string {
	var letters []rune
	for _, word := range strings.FieldsFunc(title, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if utf8.RuneCountInString(word) < 3 && len(letters) > 0 {
			continue // de, la, et
		}
		first, _ := utf8.DecodeRuneInString(word)
		if letters = append(letters, unicode.ToUpper(first)); len(letters) == 2 {
			break
		}
	}
	if len(letters) == 0 {
		return "·"
	}
	return string(letters)
}

// tile is the class of the colour that a name keeps for ever.
func tile(name string) string {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(name)) // never fails
	return fmt.Sprintf("tile-%d", sum.Sum32()%tileColours)
}

// headline is the title of a post, or its first line. What comes with a warning
// shows the warning alone.
func headline(p posts.Post) string {
	switch {
	case p.Title != "":
		return p.Title
	case p.Summary != "":
		return p.Summary
	}
	if title := text.Title(p.Content); title != "" || len(p.Pictures) == 0 {
		return title
	}
	return text.Title(html.EscapeString(p.Pictures[0].Alt))
}

// preview is how a post begins, after its headline.
func preview(p posts.Post) string {
	if warned(p) {
		return ""
	}
	begins := text.Excerpt(p.Content, previewLength)
	if first := headline(p); strings.HasPrefix(begins, first) {
		begins = strings.TrimSpace(strings.TrimPrefix(begins, first))
	}
	if begins == "…" || headline(p) == "" || strings.HasSuffix(headline(p), "…") && p.Title == "" {
		return ""
	}
	return begins
}

// warned says whether a post is shown to those only who have read a warning.
func warned(p posts.Post) bool { return p.Summary != "" || p.Sensitive }

func otherLanguage(language string) string {
	if language == languages[0] {
		return languages[1]
	}
	return languages[0]
}

// typed is what was typed in the field of this place, if anything was.
func typed(all []string, place int) string {
	if place < len(all) {
		return all[place]
	}
	return ""
}
