package vocab

import (
	"regexp"
	"slices"
	"strings"
)

// exception is a rule of the package's own, for which it reads something else than what is written.
type exception struct {
	name string
	of   func(f claim) bool
	want func(f claim, m naive) []string // what the rule makes of what is written
}

// exceptions are all of them, in the order in which they apply.
var exceptions = []exception{
	{"Public has one form, whose long spelling every server knows",
		func(f claim) bool {
			return slices.Contains([]string{"to", "cc", "audience", "canReply", "canAnnounce", "canQuote"}, f.name)
		}, longPublic},
	{"what is no IRI, or one of a scheme that nothing here follows or compares, is left out",
		func(f claim) bool { return f.how == address || f.how == addresses || f.how == links }, onlyIRIs},
	{"PeerTube's channel, a Group, is the author only if nobody else is",
		func(f claim) bool { return f.name == "author" }, notAChannel},
	{firstOfSeveral, func(f claim) bool { return f.how == address }, onlyFirst},
	{"an attachment that has neither an address nor a value shows nothing and is passed over",
		func(f claim) bool { return strings.HasPrefix(f.name, "attachment.") }, nothingToShow},
	{"Misskey's reaction stands for the content of a Like that has none",
		func(f claim) bool { return f.name == "content" && len(f.want) == 0 }, reaction},
	{"an almost RFC 3339 time is read, as UTC if it has no zone",
		func(f claim) bool { return f.how == times }, almostTime},
	{"what is no time is left out",
		func(f claim) bool { return f.how == times }, noTime},
}

const firstOfSeveral = "of several, where only one has a meaning, the first is kept"

func longPublic(f claim, _ naive) []string {
	return rows(f.want, func(s string) string {
		if s == "as:Public" || s == "Public" {
			return "https://www.w3.org/ns/activitystreams#Public"
		}
		return s
	})
}

var followable = regexp.MustCompile(`^(https?://[^/?#@\s]+([/?#]\S*)?|(urn|did|tag|ap):\S+)$`)

func onlyIRIs(f claim, _ naive) (kept []string) {
	for _, s := range f.want {
		if followable.MatchString(s) {
			kept = append(kept, s)
		} else if f.how == links {
			kept = append(kept, "")
		}
	}
	return kept
}

func notAChannel(f claim, m naive) []string {
	for _, o := range m.objects("attributedTo") {
		if !slices.Contains(o.types(), "Group") {
			return o.iris("id")
		}
	}
	return f.want
}

func onlyFirst(f claim, _ naive) []string { return f.want[:min(len(f.want), 1)] }

func nothingToShow(f claim, m naive) []string {
	shown := slices.DeleteFunc(m.all("attachment"), func(x any) bool {
		o := object(x)
		return o != nil && len(o.addresses("url", "href")) == 0 && o.text("value") == ""
	})
	for _, again := range attachmentFields(nil, shown) {
		if again.name == f.name {
			return again.want
		}
	}
	return f.want
}

func reaction(_ claim, m naive) []string { return some(m.text("_misskey_reaction")) }

var almost = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d(?:\.\d+)?)?)?(?:\+0000|Z)?$`)

func almostTime(f claim, _ naive) []string {
	return rows(f.want, func(s string) string {
		parts := almost.FindStringSubmatch(s)
		if parts == nil {
			return s
		}
		clock, seconds := parts[2], parts[3]
		if clock == "" {
			clock = "00:00"
		}
		if seconds == "" {
			seconds = ":00"
		}
		return parts[1] + "T" + clock + seconds + "Z"
	})
}

func noTime(f claim, _ naive) []string {
	return slices.DeleteFunc(slices.Clone(f.want), func(s string) bool { return s[0] < '0' || s[0] > '9' })
}
