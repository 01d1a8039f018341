package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"passerelles/accounts"
	"passerelles/fault"
	"passerelles/media"
	"passerelles/posts"
	"passerelles/server"
)

// fileView is a file of a post.
type fileView struct {
	Path string `json:"path"`
	Name string `json:"name"`
	Type string `json:"mediaType"`
	Size int64  `json:"size"`
	Alt  string `json:"alt,omitempty"`
}

// fileFlags name files of this machine to be attached to a post, and what they show.
type fileFlags struct{ paths, alts []string }

func (f *fileFlags) join(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.paths, "file", nil, "path of a picture, PDF or office document to attach; may be repeated")
	cmd.Flags().StringArrayVar(&f.alts, "alt", nil, "what the picture shows, in words, for each --file in turn")
}

// publish takes the files, then publishes; of a post that is refused none stays.
func (f *fileFlags) publish(ctx context.Context, s *server.Server, who accounts.Member, d posts.Draft) (p posts.Post, err error) {
	if len(f.alts) > len(f.paths) {
		return p, fault.New(fault.Invalid, "there are more --alt than --file")
	}
	var taken []int64
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Media.Drop(context.WithoutCancel(ctx), who.ID, taken))
		}
	}()
	for i, path := range f.paths {
		one, err := takeFile(ctx, s, who, path)
		if err != nil {
			return p, ofFile(path, err)
		}
		taken = append(taken, one.ID)
		attach := media.Attach{ID: one.ID}
		if i < len(f.alts) {
			attach.Alt = &f.alts[i]
		}
		d.Files = append(d.Files, attach)
	}
	return s.Posts.Publish(ctx, who.ID, d)
}

// ofFile names the file in what its owner is told.
func ofFile(path string, err error) error {
	if message := fault.Message(err); message != "" {
		return fault.Wrap(fault.KindOf(err), path+": "+message, err)
	}
	return fmt.Errorf("%s: %w", path, err)
}

func takeFile(ctx context.Context, s *server.Server, who accounts.Member, path string) (media.File, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return media.File{}, fault.New(fault.NotFound, "there is no such file")
	}
	if err != nil {
		return media.File{}, err
	}
	defer file.Close()
	return s.Media.Take(ctx, who.ID, filepath.Base(path), file)
}
