package notifications

import (
	"context"
	"slices"

	"passerelles/actors"
	"passerelles/fault"
)

// Choice is how a member takes a list, in one community or in all others.
type Choice struct {
	List      string
	Community actors.ID // 0: everywhere else
	How       string    // None, Site or ByMail
}

// Choices gives how a member takes each list everywhere, and in which communities otherwise.
func (s *Service) Choices(ctx context.Context, member actors.ID) ([]Choice, error) {
	said, err := choicesOf(ctx, s.DB, member)
	if err != nil {
		return nil, err
	}
	for _, list := range Lists {
		general := func(c Choice) bool { return c.List == list && c.Community == 0 }
		if !slices.ContainsFunc(said, general) {
			said = append(said, Choice{List: list, How: unsaid[list]})
		}
	}
	return said, nil
}

// Choose has a member take a list otherwise. An empty How in a community is: as everywhere.
func (s *Service) Choose(ctx context.Context, member actors.ID, c Choice) error {
	switch {
	case !slices.Contains(Lists, c.List):
		return fault.New(fault.Invalid, "There is no such list.")
	case c.How == "" && c.Community != 0:
		return deleteChoice(ctx, s.DB, member, c)
	case !slices.Contains(Hows, c.How):
		return fault.New(fault.Invalid, "A list is taken nowhere, on the site, or by e-mail too.")
	}
	return upsertChoice(ctx, s.DB, member, c)
}
