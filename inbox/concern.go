package inbox

import (
	"context"
	"slices"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
)

const groupsAsked = 3 // of those that a post names

// concerns says whether a post is anybody's business here: it is addressed to somebody
// of ours, it answers or renews what is here, or somebody of ours follows its author or
// its community. Else any stranger could fill our disk.
func (in *Inbox) concerns(ctx context.Context, a arrival, n vocab.Note) (bool, error) {
	if in.addressesUs(n) {
		return true, nil
	}
	for _, iri := range []string{n.ID, n.InReplyTo} {
		if iri == "" {
			continue
		}
		if known, err := a.reach.knows(ctx, iri); err != nil || known {
			return known, err
		}
	}
	if followed, err := followedHere(ctx, in.DB, a.by.ID); err != nil || followed {
		return followed, err
	}
	return in.communityFollowed(ctx, n)
}

func (in *Inbox) addressesUs(n vocab.Note) bool {
	if slices.ContainsFunc(slices.Concat(n.To, n.Cc, n.Audience, []string{n.InReplyTo}), in.IRIs.Local) {
		return true
	}
	return slices.ContainsFunc(n.Tags, func(t vocab.Tag) bool { return t.Type == "Mention" && in.IRIs.Local(t.Href) })
}

// communityFollowed looks at the communities that a post names, as far as they are known.
func (in *Inbox) communityFollowed(ctx context.Context, n vocab.Note) (bool, error) {
	named := slices.Concat(n.Audience, n.To, n.Cc)
	asked := 0
	for _, iri := range named {
		group, err := in.Directory.ByIRI(ctx, iri)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) || group.Kind != actors.Group && err == nil {
			continue
		}
		if err != nil {
			return false, err
		}
		if followed, err := followedHere(ctx, in.DB, group.ID); err != nil || followed {
			return followed, err
		}
		if asked++; asked == groupsAsked {
			break
		}
	}
	return false, nil
}
