package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/posts"
	"passerelles/server"
)

func (a *app) post() *cobra.Command {
	return group("post", "Posts, as a local account", a.postNew(), a.postReply(), a.postEdit(),
		a.postAct("delete", "Delete a post", (*posts.Service).Delete),
		a.postAct("like", "Like a post", (*posts.Service).Like),
		a.postAct("unlike", "Take a like back", (*posts.Service).Unlike),
		a.postShow(),
		a.postRule(communities.Pin, "Pin a post to the top of its community, as who animates it"),
		a.postRule(communities.Unpin, "Unpin a post"),
		a.postRule(communities.Lock, "Lock a thread: it takes no more replies"),
		a.postRule(communities.Unlock, "Open a locked thread to replies again"),
		a.postRule(communities.Remove, "Take a post away, with a reason"),
		a.postRule(communities.Restore, "Bring a removed post back"), a.postThemes())
}

// postView is a post as this server's readers see it.
type postView struct {
	ID        string     `json:"id"`
	URL       string     `json:"url"`
	Author    string     `json:"author"`
	Community string     `json:"community,omitempty"`
	Title     string     `json:"title,omitempty"`
	Content   string     `json:"content"`
	Deleted   bool       `json:"deleted"`
	Likes     int        `json:"likes"`
	Replies   int        `json:"replies"`
	InReplyTo string     `json:"inReplyTo,omitempty"`
	Published time.Time  `json:"published"`
	Updated   *time.Time `json:"updated,omitempty"`
	Files     []fileView `json:"files,omitempty"`
	Themes    []string   `json:"themes,omitempty"`
}

func viewPost(p posts.Post) postView {
	v := postView{
		ID: p.IRI, URL: p.URL, Author: p.Author.IRI, Title: p.Title, Content: p.Content, Deleted: p.Deleted,
		Likes: p.Likes, Replies: p.Replies, InReplyTo: p.ParentIRI, Published: p.Published, Updated: p.Updated,
	}
	if p.Community != nil {
		v.Community = p.Community.IRI
	}
	for _, f := range p.Files {
		v.Files = append(v.Files, fileView{f.Path(), f.Name, f.Type, f.Size, f.Alt})
	}
	for _, t := range p.Themes {
		v.Themes = append(v.Themes, t.Name)
	}
	return v
}

func (a *app) showPost(p posts.Post) error {
	v := viewPost(p)
	lines := []string{v.ID, v.Title, v.Content, fmt.Sprintf("%d likes, %d replies", v.Likes, v.Replies)}
	for _, f := range v.Files {
		lines = append(lines, fmt.Sprintf("%s (%s, %d bytes): %s", f.Name, f.Type, f.Size, f.Path))
	}
	if len(v.Themes) > 0 {
		lines = append(lines, "themes: "+strings.Join(v.Themes, ", "))
	}
	return a.show(v, lines...)
}

// draftFlags are what a new post, a reply and an edit have in common.
func (a *app) draftFlags(cmd *cobra.Command, d *posts.Draft, text *string) {
	cmd.Flags().StringVar(&d.Title, "title", "", "title")
	cmd.Flags().StringVar(text, "text", "-", "text in Markdown; - reads standard input")
	cmd.Flags().StringVar(&d.Language, "language", "", "fr, en, …; guessed when left out")
}

func (a *app) readText(text string) (string, error) {
	if text != "-" {
		return text, nil
	}
	body, err := io.ReadAll(io.LimitReader(a.in, 1<<20))
	return string(body), err
}

func (a *app) postNew() *cobra.Command {
	var d posts.Draft
	var files fileFlags
	var as, community, text string
	var themes []string
	cmd := &cobra.Command{
		Use: "new", Short: "Post in a community, of this server or another", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if d.Text, err = a.readText(text); err != nil {
				return err
			}
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				if community != "" {
					group, err := s.Directory.Find(cmd.Context(), community)
					if err != nil {
						return err
					}
					d.Community = group.ID
					if d.Themes, err = themesNamed(cmd.Context(), s, group.ID, themes); err != nil {
						return err
					}
				}
				p, err := files.publish(cmd.Context(), s, who, d)
				if err != nil {
					return err
				}
				return a.showPost(p)
			})
		},
	}
	asFlag(cmd, &as)
	a.draftFlags(cmd, &d, &text)
	files.join(cmd)
	cmd.Flags().StringVar(&community, "community", "", "name, handle or address of the community")
	cmd.Flags().StringArrayVar(&themes, "theme", nil, "a theme of the community, by its name; again for others")
	cmd.Flags().StringVar(&d.Kind, "kind", "", "news, discussion, question or call")
	cmd.Flags().StringVar(&d.Scope, "scope", "", "public, unlisted, members, animators or direct; never wider than the community")
	return cmd
}

func (a *app) postReply() *cobra.Command {
	var d posts.Draft
	var files fileFlags
	var as, text string
	cmd := &cobra.Command{
		Use: "reply ID", Short: "Reply to a post, by its id", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if d.Text, err = a.readText(text); err != nil {
				return err
			}
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				parent, err := find(cmd.Context(), s, who, args[0])
				if err != nil {
					return err
				}
				d.InReplyTo = parent.ID
				p, err := files.publish(cmd.Context(), s, who, d)
				if err != nil {
					return err
				}
				return a.showPost(p)
			})
		},
	}
	asFlag(cmd, &as)
	a.draftFlags(cmd, &d, &text)
	files.join(cmd)
	return cmd
}

func (a *app) postEdit() *cobra.Command {
	var d posts.Draft
	var as, text string
	var themes []string
	cmd := &cobra.Command{
		Use: "edit ID", Short: "Edit a post of one's own", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if d.Text, err = a.readText(text); err != nil {
				return err
			}
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				old, err := find(cmd.Context(), s, who, args[0])
				if err != nil {
					return err
				}
				if !cmd.Flags().Changed("title") {
					d.Title = old.Title
				}
				if old.Community != nil {
					if d.Themes, err = themesNamed(cmd.Context(), s, old.Community.ID, themes); err != nil {
						return err
					}
				}
				p, err := s.Posts.Edit(cmd.Context(), who.ID, old.ID, d)
				if err != nil {
					return err
				}
				return a.showPost(p)
			})
		},
	}
	asFlag(cmd, &as)
	a.draftFlags(cmd, &d, &text)
	cmd.Flags().StringArrayVar(&themes, "theme", nil, "a theme of the community, by its name; again for others; one without name: none")
	return cmd
}

// postAct is a command that does one thing to one post.
func (a *app) postAct(use, short string, act func(*posts.Service, context.Context, actors.ID, int64) error) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: use + " ID", Short: short, Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.acting(cmd.Context(), as, func(s *server.Server, who accounts.Member) error {
				p, err := find(cmd.Context(), s, who, args[0])
				if err != nil {
					return err
				}
				if err := act(s.Posts, cmd.Context(), who.ID, p.ID); err != nil {
					return err
				}
				return a.show(map[string]any{"id": p.IRI, "done": use}, use+": "+p.IRI)
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) postShow() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show a post as anybody reads it, or an account", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			show := func(s *server.Server, who accounts.Member) error {
				p, err := s.Posts.ByIRI(cmd.Context(), access.Reader{ID: who.ID}, args[0])
				if fault.Is(err, fault.Gone) {
					return a.show(postView{ID: args[0], Deleted: true}, args[0], "deleted")
				}
				if err != nil {
					return err
				}
				return a.showPost(p)
			}
			if as != "" {
				return a.acting(cmd.Context(), as, show)
			}
			return a.with(cmd.Context(), func(s *server.Server) error { return show(s, accounts.Member{}) })
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "account that reads; anybody if left out")
	return cmd
}

// find gives a post by its id, fetched from its server when it is not here.
func find(ctx context.Context, s *server.Server, who accounts.Member, iri string) (posts.Post, error) {
	p, err := s.Posts.ByIRI(ctx, access.Reader{ID: who.ID}, iri)
	if fault.Is(err, fault.NotFound) && !s.IRIs.Local(iri) {
		return s.Posts.Fetch(ctx, iri)
	}
	return p, err
}
