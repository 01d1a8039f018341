package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/server"
)

// themeCommands are about what a community sorts its threads by.
func (a *app) themeCommands() []*cobra.Command {
	change := func(use, short string, act func(ctx context.Context, s *server.Server, animator, community actors.ID, id int64) error) *cobra.Command {
		return a.themeChange(use+" COMMUNITY THEME", short, 2, func(ctx context.Context, s *server.Server, t communities.Theme, animator actors.ID, _ []string) error {
			return act(ctx, s, animator, t.Community, t.ID)
		})
	}
	return []*cobra.Command{group("themes", "Themes, by which a community sorts its threads", a.themeList(), a.themeAdd(),
		a.themeChange("rename COMMUNITY THEME NAME", "Call a theme otherwise", 3, func(ctx context.Context, s *server.Server, t communities.Theme, animator actors.ID, rest []string) error {
			return s.Communities.ChangeTheme(ctx, animator, t.Community, t.ID, communities.Worded{Name: rest[0], Description: t.Description})
		}),
		a.themeChange("describe COMMUNITY THEME WORDS", "Say what a theme is about", 3, func(ctx context.Context, s *server.Server, t communities.Theme, animator actors.ID, rest []string) error {
			return s.Communities.ChangeTheme(ctx, animator, t.Community, t.ID, communities.Worded{Name: t.Name, Description: rest[0]})
		}),
		a.themeChange("move COMMUNITY THEME PLACE", "Put a theme at a place, from 1", 3, func(ctx context.Context, s *server.Server, t communities.Theme, animator actors.ID, rest []string) error {
			place, err := strconv.Atoi(rest[0])
			if err != nil {
				return fault.Wrap(fault.Invalid, "a place is a number, from 1", err)
			}
			return s.Communities.MoveTheme(ctx, animator, t.Community, t.ID, place)
		}),
		change("retire", "Have a theme chosen no more; old posts keep it", func(ctx context.Context, s *server.Server, animator, community actors.ID, id int64) error {
			return s.Communities.RetireTheme(ctx, animator, community, id)
		}),
		change("restore", "Take a retired theme up again", func(ctx context.Context, s *server.Server, animator, community actors.ID, id int64) error {
			return s.Communities.RestoreTheme(ctx, animator, community, id)
		}))}
}

// themeView is a theme as scripts read it.
type themeView struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Place       int    `json:"place,omitempty"`
	Retired     bool   `json:"retired,omitempty"`
}

func viewTheme(t communities.Theme) themeView {
	v := themeView{t.IRI, t.Name, t.Description, t.Place, t.Retired}
	if t.Retired {
		v.Place = 0
	}
	return v
}

func (a *app) showThemes(ctx context.Context, s *server.Server, community actors.ID) error {
	all, err := s.Communities.AllThemes(ctx, s.DB, community)
	if err != nil {
		return err
	}
	views, lines := make([]themeView, 0, len(all)), make([]string, 0, len(all))
	for _, t := range all {
		v := viewTheme(t)
		line := fmt.Sprintf("%d\t%s\t%s", v.Place, v.Name, v.Description)
		if v.Retired {
			line = fmt.Sprintf("retired\t%s\t%s", v.Name, v.Description)
		}
		views, lines = append(views, v), append(lines, line)
	}
	return a.show(map[string]any{"themes": views}, lines...)
}

func (a *app) themeList() *cobra.Command {
	return &cobra.Command{
		Use: "list COMMUNITY", Short: "List the themes of a community, of this server or another", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				c, err := s.Directory.Find(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.showThemes(cmd.Context(), s, c.ID)
			})
		},
	}
}

func (a *app) themeAdd() *cobra.Command {
	var as, description string
	cmd := &cobra.Command{
		Use: "add COMMUNITY NAME", Short: "Give a community another theme", Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, animator actors.ID) error {
				t, err := s.Communities.AddTheme(cmd.Context(), animator, c.Actor.ID, communities.Worded{Name: args[1], Description: description})
				if err != nil {
					return err
				}
				return a.show(viewTheme(t), t.Name+"\t"+t.IRI)
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().StringVar(&description, "description", "", "what it is about")
	return cmd
}

// themeChange is a command that does one thing to one theme, by its name.
func (a *app) themeChange(use, short string, args int, act func(ctx context.Context, s *server.Server, t communities.Theme, animator actors.ID, rest []string) error) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: use, Short: short, Args: exactly(args),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.asMember(cmd.Context(), as, args[0], func(s *server.Server, c communities.Community, animator actors.ID) error {
				t, err := s.Communities.ThemeByName(cmd.Context(), s.DB, c.Actor.ID, args[1])
				if err != nil {
					return err
				}
				if err := act(cmd.Context(), s, t, animator, args[2:]); err != nil {
					return err
				}
				return a.showThemes(cmd.Context(), s, c.Actor.ID)
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

// themesNamed finds themes of a community by their names; of nil it makes nil.
func themesNamed(ctx context.Context, s *server.Server, community actors.ID, names []string) ([]int64, error) {
	if names == nil {
		return nil, nil // none are named, which is no error
	}
	ids := []int64{}
	for _, name := range names {
		if name == "" {
			continue // so that all can be taken away
		}
		t, err := s.Communities.ThemeByName(ctx, s.DB, community, name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, t.ID)
	}
	return ids, nil
}

// postThemes has who animates a community choose the themes of a thread.
func (a *app) postThemes() *cobra.Command {
	var as, reason string
	cmd := &cobra.Command{
		Use: "themes ID [THEME...]", Short: "Choose the themes of a thread, as who animates its community; none: take all away", Args: atLeast(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				p, err := s.Posts.ByIRI(cmd.Context(), access.Reader{ID: who.ID}, args[0])
				if err != nil {
					return err
				}
				var ids []int64
				if p.Community != nil {
					if ids, err = themesNamed(cmd.Context(), s, p.Community.ID, args[1:]); err != nil {
						return err
					}
				}
				if err := s.Posts.SetThemes(cmd.Context(), who.ID, p.ID, ids, reason); err != nil {
					return err
				}
				if p, err = s.Posts.ByIRI(cmd.Context(), access.Reader{ID: who.ID}, args[0]); err != nil {
					return err
				}
				return a.showPost(p)
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().StringVar(&reason, "reason", "", "why: the log tells it")
	return cmd
}
