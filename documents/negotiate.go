package documents

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"passerelles/fault"
	"passerelles/federation/vocab"
)

const ldJSON = "application/ld+json"

// Wanted says whether a request asks for an ActivityPub document rather than a page.
// Who accepts anything gets the page.
func Wanted(r *http.Request) bool {
	document, page := weigh(r)
	return document > page
}

// weigh gives how much the document and the page are wanted: the q of the most specific
// range that fits each (RFC 9110 §12.5.1), in thousandths, doubled so that of two that
// are named alike the first wins, and a named one wins over a wildcard.
func weigh(r *http.Request) (document, page int) {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
		return 0, 2
	}
	var doc, html preference
	for i, part := range splitAccept(accept) {
		kind, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := quality(params["q"])
		switch kind {
		case vocab.MediaType, "application/json":
			doc.take(3, q, i)
		case ldJSON:
			if p := params["profile"]; p == "" || strings.Contains(p, "https://www.w3.org/ns/activitystreams") {
				doc.take(3, q, i)
			}
		case "text/html", "application/xhtml+xml":
			html.take(3, q, i)
		case "application/*":
			doc.take(2, q, i)
		case "text/*":
			html.take(2, q, i)
		case "*/*":
			doc.take(1, q, i)
			html.take(1, q, i)
		}
	}
	document, page = 4*doc.q, 4*html.q
	switch {
	case doc.rank > html.rank, doc.rank == html.rank && doc.rank == 3 && doc.at < html.at:
		page--
	default:
		document--
	}
	return max(document, 0), max(page, 0)
}

// preference is the most specific range that fits, and of several alike the best.
type preference struct{ rank, q, at int }

func (p *preference) take(rank, q, at int) {
	if rank > p.rank || rank == p.rank && q > p.q {
		*p = preference{rank, q, at}
	}
}

func quality(text string) int {
	if text == "" {
		return 1000
	}
	q, err := strconv.ParseFloat(text, 64)
	if err != nil || q < 0 || q > 1 {
		return 0
	}
	return int(q * 1000)
}

// splitAccept splits at the commas that stand outside quotes: a profile may hold some.
func splitAccept(accept string) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(accept); i++ {
		switch {
		case accept[i] == '"':
			quoted = !quoted
		case accept[i] == ',' && !quoted:
			parts = append(parts, accept[start:i])
			start = i + 1
		}
	}
	return append(parts, accept[start:])
}

// answerType is the type under which a document goes out: ld+json where only that is
// asked for.
func answerType(r *http.Request) string {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if strings.Contains(accept, ldJSON) && !strings.Contains(accept, vocab.MediaType) &&
		!strings.Contains(accept, "*/*") && !strings.Contains(accept, "application/json") {
		return vocab.LDMediaType
	}
	return vocab.MediaType + "; charset=utf-8"
}

func namesPage(r *http.Request) bool {
	accept := strings.ToLower(strings.Join(r.Header.Values("Accept"), ","))
	return strings.Contains(accept, "text/html") || strings.Contains(accept, "application/xhtml+xml")
}

// acceptable refuses a machine's address to who wants none of its types.
func acceptable(r *http.Request) error {
	if document, page := weigh(r); document == 0 && page == 0 {
		return fault.New(fault.NotAcceptable, "this is an ActivityPub document")
	}
	return nil
}
