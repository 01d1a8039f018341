package actors

import (
	"context"
	"strings"

	"passerelles/fault"
	"passerelles/federation"
)

// Find finds the actor that a person typed: a handle or an address.
func (d *Directory) Find(ctx context.Context, text string) (Actor, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://") {
		return d.findAddress(ctx, text)
	}
	name, host, err := federation.SplitHandle(text)
	if err != nil || host == d.ourHost() {
		name, _ = splitHandle(strings.TrimPrefix(strings.TrimPrefix(text, "acct:"), "!"))
		return d.ByName(ctx, strings.ToLower(name))
	}
	if err := d.allowed(ctx, host); err != nil {
		return Actor{}, err
	}
	found, err := d.client.FindHandle(ctx, text)
	if err != nil {
		if a, err := d.ByHandleKnown(ctx, name+"@"+host); err == nil {
			return a, nil
		}
		return Actor{}, err
	}
	a, err := d.Resolve(ctx, found.IRI)
	if err != nil {
		return a, err
	}
	if !strings.EqualFold(a.Handle(), "@"+found.Subject) {
		return Actor{}, fault.New(fault.NotFound, "The account does not say that this handle is its own.")
	}
	return a, nil
}

// findAddress finds by the id of an actor or by its page.
func (d *Directory) findAddress(ctx context.Context, iri string) (Actor, error) {
	if !d.ours(iri) {
		if a, err := d.Resolve(ctx, iri); err == nil || !fault.Is(err, fault.NotFound) {
			return a, err
		}
		return Actor{}, errNobody
	}
	for _, page := range []string{"/@", "/c/"} {
		if name, ok := strings.CutPrefix(iri, d.iris.Origin+page); ok {
			if strings.Contains(name, "@") {
				return d.ByHandleKnown(ctx, name)
			}
			return d.ByName(ctx, strings.ToLower(name))
		}
	}
	return d.ByIRI(ctx, iri)
}
