package history

import (
	"context"
	"fmt"
	"slices"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
)

// Bounds of one reading of a collection.
const (
	mostPages = 10
	mostItems = 1000
)

// walk reads a collection page after page and shows its items, until look has enough. It
// stays on the collection's own server, asks nothing twice, and ends after ten pages or a
// thousand items. These may stand in the collection itself, in a first page within it, or
// on pages. It was whole if it came to its end and showed no less than it says to hold.
func (s *Service) walk(ctx context.Context, iri string, look func([]vocab.Ref) (enough bool, err error)) (whole bool, err error) {
	asked, seen, total := map[string]bool{}, 0, 0
	for next := iri; next != ""; {
		if asked[next] || len(asked) == mostPages || !federation.SameOrigin(next, iri) {
			return false, nil
		}
		asked[next] = true
		c, err := s.page(ctx, next)
		if err != nil {
			return false, err
		}
		if c.Total != nil {
			total = *c.Total
		}
		if c.FirstPage.Raw != nil && len(c.Items) == 0 {
			if c, err = inner(c); err != nil {
				return false, err
			}
		}
		if seen += len(c.Items); seen > mostItems {
			_, err := look(c.Items[:len(c.Items)-(seen-mostItems)])
			return false, err
		}
		if enough, err := look(c.Items); err != nil || enough {
			return false, err
		}
		next = following(c, asked)
	}
	return seen >= total, nil
}

// inner is the first page that stands in a collection. One that holds nothing is only a link.
func inner(c vocab.Collection) (vocab.Collection, error) {
	d, err := c.FirstPage.Document()
	if err != nil {
		return c, unreadable(err)
	}
	page, err := d.Collection()
	if err != nil {
		return c, unreadable(err)
	}
	if len(page.Items) == 0 && page.Next == "" {
		return c, nil
	}
	return page, nil
}

// following is what to ask after a page: the next, or from the collection its first.
func following(c vocab.Collection, asked map[string]bool) string {
	if c.Next == "" && !asked[c.First] {
		return c.First
	}
	return c.Next
}

// page asks for a collection or a page of one. It must come from the server that was asked;
// that it calls itself as it was asked for is not demanded: many pages do not.
func (s *Service) page(ctx context.Context, iri string) (vocab.Collection, error) {
	f, err := s.Client.Fetch(ctx, iri)
	if err != nil {
		return vocab.Collection{}, fmt.Errorf("fetch %s: %w", iri, err)
	}
	if !federation.SameOrigin(f.URL, iri) {
		return vocab.Collection{}, fault.New(fault.Invalid, "the list comes from another server")
	}
	c, err := vocab.ReadCollection(f.Body)
	if err != nil {
		return c, unreadable(err)
	}
	return c, nil
}

func unreadable(err error) error {
	return fault.Wrap(fault.Invalid, "the other server answers a list that cannot be read", err)
}

// pick gathers the ids of a list: each once, no more than are wanted, and of any one
// other server than the list's only a few, since whoever made the list could use us
// against it.
type pick struct {
	home   string // host of the list
	most   int
	ids    []string
	asked  map[string]bool
	others map[string]int
}

func newPick(list string, most int) *pick {
	return &pick{home: federation.Host(list), most: most, asked: map[string]bool{}, others: map[string]int{}}
}

func (p *pick) full() bool { return len(p.ids) >= p.most }

// add says whether the id was new and is taken.
func (p *pick) add(id string) bool {
	host := federation.Host(id)
	if host == "" || p.asked[id] || p.full() {
		return false
	}
	p.asked[id] = true
	if host != p.home {
		if p.others[host]++; p.others[host] > strangers {
			return false
		}
	}
	p.ids = append(p.ids, id)
	return true
}

// unknown leaves those that are neither here nor ours, in their order.
func (s *Service) unknown(ctx context.Context, ids []string) ([]string, error) {
	known, err := s.Posts.KnownOf(ctx, s.DB, ids)
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return known[id] || s.IRIs.Local(id) }), err
}
